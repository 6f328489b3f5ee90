import type { JsonObject } from '../../../domain/json.ts';
import type { Level } from './rule.ts';

/** Options come from a policy that a person wrote: what is of another kind than the default counts as not said. */
export function numberOption(options: JsonObject, name: string, fallback: number): number {
  const value = Object.hasOwn(options, name) ? options[name] : undefined;
  return typeof value === 'number' && Number.isFinite(value) ? value : fallback;
}

export function flagOption(options: JsonObject, name: string, fallback: boolean): boolean {
  const value = Object.hasOwn(options, name) ? options[name] : undefined;
  return typeof value === 'boolean' ? value : fallback;
}

export function listOption(options: JsonObject, name: string): readonly string[] {
  const value = Object.hasOwn(options, name) ? options[name] : undefined;
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
}

export function levelOption(options: JsonObject, name: string, fallback: Level): Level {
  const value = Object.hasOwn(options, name) ? options[name] : undefined;
  return value === 'error' || value === 'warn' || value === 'off' ? value : fallback;
}
