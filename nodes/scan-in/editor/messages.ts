/** The messages in a pasted text: all of it where it is one JSON document, else each line that is not blank. */
export function messagesIn(pasted: string): readonly string[] {
  const text = pasted.trim();
  if (text === '') return [];
  try {
    JSON.parse(text);
    return [text];
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  return text.split(/\r?\n/).map((line) => line.trim()).filter((line) => line !== '');
}

/** A topic that fits the pattern, with the names of its variables in the places that are free. */
export function exampleTopic(pattern: string, known: Readonly<Record<string, string>>): string {
  return pattern.replace(/\{(\w+)\}/g, (_whole, name: string) => (known[name] === undefined || known[name] === '' ? `${name}-1` : known[name]));
}
