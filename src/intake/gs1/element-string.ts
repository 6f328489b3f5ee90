/** Element strings: what a GS1-128, DataMatrix, QR or DataBar symbol carries (GS1 General Specifications §7.8). */
import { aiAt, aiNamed } from './ai-table.ts';
import { isFailure, readElement } from './element.ts';
import { failure, type Gs1Element, type Gs1Failure } from './types.ts';

const GROUP_SEPARATOR = '\x1d';

/** Splits `text[start…]` into its elements; FNC1 stands in it as ASCII 29. */
export function readElementString(text: string, start: number, referenceYear: number): readonly Gs1Element[] | Gs1Failure {
  const elements: Gs1Element[] = [];
  let at = start;
  while (at < text.length) {
    if (text.charCodeAt(at) === 0x1d) {
      at += 1; // a separator behind a predefined length, or before the first element, is tolerated
      continue;
    }
    const spec = aiAt(text, at, text.length);
    if (spec === undefined) return failure('unknown-ai', at, `There is no application identifier "${text.slice(at, at + 4)}".`);
    const from = at + spec.ai.length;
    let end = text.indexOf(GROUP_SEPARATOR, from);
    if (end === -1) end = text.length;
    if (spec.predefined && end > from + spec.max) end = from + spec.max;
    const element = readElement(spec, text, from, end, referenceYear);
    if (isFailure(element)) return element;
    elements.push(element);
    at = end;
  }
  return elements;
}

/** The human-readable form, each AI in brackets: (01)09521234543213(10)ABC (§4.14). Data may hold brackets itself. */
export function readBracketed(text: string, start: number, referenceYear: number): readonly Gs1Element[] | Gs1Failure {
  const elements: Gs1Element[] = [];
  let at = start;
  while (at < text.length) {
    const close = text.indexOf(')', at);
    if (text.charCodeAt(at) !== 0x28 || close === -1) return failure('bad-character', at, 'An application identifier in brackets was expected here.');
    const spec = aiNamed(text.slice(at + 1, close));
    if (spec === undefined) return failure('unknown-ai', at + 1, `There is no application identifier "${text.slice(at + 1, Math.min(close, at + 6))}".`);
    const end = nextBracketedAi(text, close + 1);
    const element = readElement(spec, text, close + 1, end, referenceYear);
    if (isFailure(element)) return element;
    elements.push(element);
    at = end;
  }
  return elements;
}

/** Offset of the next "(AI)" at or behind `from`, or the end of the text. */
function nextBracketedAi(text: string, from: number): number {
  for (let open = text.indexOf('(', from); open !== -1; open = text.indexOf('(', open + 1)) {
    const close = text.indexOf(')', open);
    if (close === -1) break;
    if (close - open <= 5 && aiNamed(text.slice(open + 1, close)) !== undefined) return open;
  }
  return text.length;
}
