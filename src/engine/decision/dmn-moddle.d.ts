declare module 'dmn-moddle' {
  /** An element of a DMN document; its members are those of the DMN 1.3 metamodel. */
  export interface ModdleElement {
    readonly $type: string;
    get(name: string): ModdleElement[];
    readonly [member: string]: unknown;
  }
  export class DmnModdle {
    create(type: string, attributes?: object): ModdleElement;
    /** Rejects with a sentence when the text is no DMN. */
    fromXML(text: string): Promise<{ readonly rootElement: ModdleElement; readonly warnings: readonly { readonly message: string }[] }>;
    toXML(element: ModdleElement, options?: { readonly format?: boolean }): Promise<{ readonly xml: string }>;
  }
}
