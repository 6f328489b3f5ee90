import type { Json } from '../../domain/json.ts';
import { ScenarioError } from './scenario-error.ts';

/** The same value with every text in it changed. */
export function mapTexts(value: Json, change: (text: string) => Json): Json {
  if (Array.isArray(value)) return value.map((each: Json) => mapTexts(each, change));
  if (typeof value === 'object' && value !== null) return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, mapTexts(each, change)]));
  return typeof value === 'string' ? change(value) : value;
}

/** Puts values in the place of `${…}` in every text; a text that is nothing else becomes the value itself. @throws ScenarioError `failed` */
export function substitute(value: Json, lookUp: (name: string) => Json | undefined): Json {
  const found = (name: string): Json => {
    const its = lookUp(name);
    if (its === undefined) throw new ScenarioError('failed', `Nothing is known for \${${name}}; give the step whose answer it is a name with "as".`);
    return its;
  };
  return mapTexts(value, (text) => {
    const whole = /^\$\{([^}]+)\}$/.exec(text);
    if (whole !== null) return found(whole[1]!);
    return text.replace(/\$\{([^}]+)\}/g, (_all, name: string) => {
      const its = found(name);
      return typeof its === 'string' ? its : JSON.stringify(its);
    });
  });
}

/** Puts the addresses of systems and files in the place of `${system:…}` and `${file:…}`; what Node-RED itself puts in stays. @throws ScenarioError `failed` */
export function placed<T extends Json>(value: T, places: ReadonlyMap<string, string>): T {
  return mapTexts(value, (text) => text.replace(/\$\{((?:system|file):[^}]+)\}/g, (_all, name: string) => {
    const place = places.get(name);
    if (place === undefined) throw new ScenarioError('failed', `The scenario has no \${${name}}; declare it under ${name.startsWith('system') ? 'systems' : 'files'}.`);
    return place;
  })) as T;
}
