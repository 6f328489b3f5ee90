/** What we use of saxen, which brings no types. */
declare module 'saxen' {
  export type Context = () => { readonly line: number; readonly column: number };
  export class Parser {
    on(name: 'openTag', listener: (name: string, attributes: () => Readonly<Record<string, string>> | false, decode: unknown, selfClosing: boolean, context: Context) => void): this;
    on(name: 'closeTag', listener: (name: string) => void): this;
    on(name: 'text' | 'attention', listener: (text: string, decode: unknown, context: Context) => void): this;
    on(name: 'cdata', listener: (text: string) => void): this;
    on(name: 'error' | 'warn', listener: (error: Error, context: Context) => void): this;
    parse(xml: string): void;
  }
}
