import { compileTopicPattern, type TopicPattern } from '../mapper/index.ts';
import type { TopicClaim } from './scan-source.ts';

export interface ScanTopicsOptions {
  /** `{enterprise}/{site}/{area}/{station}/scan` */
  readonly pattern: string;
  readonly enterprise: string;
  readonly site: string;
}

export type TopicReading =
  | { readonly kind: 'ours'; readonly variables: Readonly<Record<string, string>> }
  | { readonly kind: 'unknown-site'; readonly message: string }
  | { readonly kind: 'topic-outside-pattern'; readonly message: string };

/** Which topics are an intake's own, and what is wrong with the others. */
export interface ScanTopics {
  readonly filter: string;
  claim(topic: string): TopicClaim;
  read(topic: string): TopicReading;
}

/** Throws RangeError, with one sentence that says what to mend, when the pattern cannot be one. */
export function scanTopics(options: ScanTopicsOptions): ScanTopics {
  const pattern = compileTopicPattern(options.pattern);
  const last = options.pattern.split('/').at(-1) ?? '';
  const looksLikeScan = last.startsWith('{') ? () => false : (topic: string) => topic.endsWith(`/${last}`) || topic === last;
  return {
    filter: pattern.filter,
    claim: (topic) => {
      const variables = pattern.match(topic);
      if (variables !== undefined) return stranger(variables, options) === undefined ? 'own' : 'stray';
      return looksLikeScan(topic) ? 'stray' : 'none';
    },
    read: (topic) => read(pattern, options, topic),
  };
}

function read(pattern: TopicPattern, options: ScanTopicsOptions, topic: string): TopicReading {
  const variables = pattern.match(topic);
  if (variables === undefined) {
    return { kind: 'topic-outside-pattern', message: `The topic "${topic}" does not follow the pattern ${pattern.pattern}; correct it in the device.` };
  }
  const strange = stranger(variables, options);
  if (strange !== undefined) {
    return { kind: 'unknown-site', message: `The topic names the ${strange.level} "${strange.found}", and this is ${options.enterprise}/${options.site}; correct it in the device.` };
  }
  return { kind: 'ours', variables };
}

function stranger(variables: Readonly<Record<string, string>>, options: ScanTopicsOptions): { level: string; found: string } | undefined {
  for (const [level, expected] of [['enterprise', options.enterprise], ['site', options.site]] as const) {
    const found = variables[level];
    if (found !== undefined && expected !== '' && found !== expected) return { level, found };
  }
  return undefined;
}
