import type { CaseState } from '../../../src/domain/index.ts';

/** The control state: all of a case but the views on erasable content (PROTOCOL §6). */
export function controlState(state: CaseState): object {
  const { title: _title, document: _document, keys: _keys, origin: _origin, runs, effects, tokens, gatherings, compensations, waits, answer, ...rest } = state;
  const { body: _body, ...answered } = answer ?? {};
  return {
    ...rest,
    ...(answer === undefined ? {} : { answer: answered }),
    tokens: Object.fromEntries(Object.entries(tokens).map(([id, { message: _message, ...token }]) => [id, token])),
    runs: Object.fromEntries(Object.entries(runs).map(([id, { messages: _messages, message: _message, ...run }]) => [id, run])),
    waits: Object.fromEntries(Object.entries(waits).map(([id, { event: _event, ...wait }]) => [id, wait])),
    gatherings: Object.fromEntries(Object.entries(gatherings).map(([id, { messages: _messages, ...gathering }]) => [id, gathering])),
    compensations: Object.fromEntries(Object.entries(compensations).map(([id, { name: _name, question: _question, message: _message, ...compensation }]) => [id, compensation])),
    effects: Object.fromEntries(Object.entries(effects).map(([id, { request: _request, response: _response, ...effect }]) => [id, effect])),
  };
}
