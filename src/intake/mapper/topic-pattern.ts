/** Topic patterns: `{enterprise}/{site}/{area}/{station}/scan`. A level is fixed text or one variable in braces. */

export interface TopicPattern {
  readonly pattern: string;
  readonly variables: readonly string[];
  /** The filter to subscribe with (MQTT 5 §4.7.1): variables become `+`. */
  readonly filter: string;
  /** The variables of a topic, or undefined when it does not match. */
  match(topic: string): Readonly<Record<string, string>> | undefined;
}

const VARIABLE = /^\{([a-zA-Z][a-zA-Z0-9_]*)\}$/;

/** Compiles a pattern; throws RangeError, with one sentence that says what to mend, when it cannot be one. */
export function compileTopicPattern(pattern: string): TopicPattern {
  if (pattern === '') throw new RangeError('The topic pattern is empty.');
  const levels = pattern.split('/').map((text) => {
    const variable = VARIABLE.exec(text)?.[1];
    if (variable !== undefined) return { variable };
    if (/[{}+#\0]/.test(text)) throw new RangeError(`The level "${text}" of the topic pattern must be fixed text or one variable such as {station}.`);
    return { text };
  });
  const variables = levels.flatMap((level) => (level.variable === undefined ? [] : [level.variable]));
  if (new Set(variables).size < variables.length) throw new RangeError(`The topic pattern "${pattern}" uses a variable twice.`);
  if (levels.every((level) => level.text === undefined || level.text === '')) {
    throw new RangeError(`The topic pattern "${pattern}" has no fixed level, so it would take whatever anybody publishes; write one, for example {enterprise}/{site}/{area}/{station}/scan.`);
  }
  return {
    pattern,
    variables,
    filter: levels.map((level) => level.text ?? '+').join('/'),
    match(topic) {
      const parts = topic.split('/');
      if (parts.length !== levels.length) return undefined;
      const found: Record<string, string> = {};
      for (let i = 0; i < levels.length; i += 1) {
        const level = levels[i];
        const part = parts[i];
        if (level?.variable !== undefined) {
          if (part === undefined || part === '') return undefined; // an empty level names no station
          found[level.variable] = part;
        } else if (level?.text !== part) return undefined;
      }
      return found;
    },
  };
}
