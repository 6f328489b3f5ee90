/** A version of a service, as nodes name it: `family/name@1.2.0`. */
export interface ServiceReference {
  /** `family/name`. */
  readonly id: string;
  /** Semantic version. */
  readonly version: string;
}

const WORD = '[a-z0-9]+(?:-[a-z0-9]+)*';
const NUMBER = '(?:0|[1-9]\\d*)';
const REFERENCE = new RegExp(`^(${WORD}/${WORD})@(${NUMBER}\\.${NUMBER}\\.${NUMBER}(?:-[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*)?)$`);
const LONGEST = 200;

/** Undefined for what is none, such as the free names `stock@1` of calls that go by no registered service. */
export function readServiceReference(text: string): ServiceReference | undefined {
  const [, id, version] = text.length > LONGEST ? [] : REFERENCE.exec(text) ?? [];
  return id === undefined || version === undefined ? undefined : { id, version };
}

export function serviceReference({ id, version }: ServiceReference): string {
  return `${id}@${version}`;
}
