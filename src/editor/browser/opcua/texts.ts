import { textsOf } from '../texts.ts';
import { AnswerError } from './answers.ts';

/** Texts of the OPC UA widgets stand in the catalogue of the endpoint, which every editor has. */
export const text = textsOf('opcua-endpoint');

/** What went wrong, in one sentence. */
export function problemText(error: unknown): string {
  const said = error instanceof Error ? error.message : '';
  if (said === 'forbidden') return text('problem.forbidden');
  return said === '' || !(error instanceof AnswerError) ? text('problem.silent') : said;
}

export const day = (iso: string): string => new Date(iso).toLocaleDateString(undefined, { year: 'numeric', month: 'short', day: 'numeric' });

/** `4F2A 91…`: groups of four, which are easier to compare. */
export const grouped = (hex: string): string => hex.match(/.{1,4}/g)?.join(' ') ?? hex;

export const button = (key: string, act: () => void, more = ''): JQuery => $(`<button type="button" class="red-ui-button red-ui-button-small ${more}">`).text(text(key)).on('click', act);
