import { ask, post } from '../intake/server.ts';
import { keepAsking } from '../keep-asking.ts';
import { textsOf } from '../texts.ts';
import type { OutsideSecret } from './secret-list.ts';

interface State {
  readonly running: boolean;
  readonly problem?: string;
  readonly origin?: string;
  readonly lastProblem?: { readonly at: string; readonly message: string };
  readonly lastAnswerAt?: string;
  readonly circuit?: { readonly state: 'closed' | 'open' | 'half-open'; readonly until?: string; readonly manual: boolean; readonly running: number; readonly waiting: number; readonly limit: number };
}

const text = textsOf('system');
const FIELDS = ['name', 'kind', 'url', 'urlType', 'database', 'hostKey', 'caFile', 'certFile', 'keyFile', 'proxy', 'proxyUser', 'user', 'password', 'token', 'apiKey', 'clientId', 'clientSecret', 'proxyPassword'];

/** The system whose form is open, as the form stands. */
export function systemInForm(id: string, secrets: readonly OutsideSecret[]): Readonly<Record<string, unknown>> {
  const values = Object.fromEntries(FIELDS.map((field) => [field, String($(`#node-config-input-${field}`).val() ?? '')]));
  return { ...values, id, url: String($('#node-config-input-url').typedInput('value')), secrets };
}

/** What the form of a system shows of it: how it stands deployed, and what a test of the form's values says. */
export class SystemPanel {
  readonly close: () => void;
  readonly #line = $('<div class="waybill-live" role="status">');

  constructor(id: string, secrets: () => readonly OutsideSecret[]) {
    $('#waybill-system-state').append(this.#line);
    this.close = keepAsking(() => ask<State>('systems/state', { method: 'GET', data: { node: id } }), (state) => { this.#show(state); }, () => { this.#line.text(text('state.silent')); });
    const button = $('#waybill-system-test');
    const said = $('#waybill-system-tested');
    button.on('click', () => {
      button.prop('disabled', true);
      said.empty().append($('<div class="waybill-hint">').text(text('test.asking')));
      post<{ readonly ok: boolean; readonly message: string }>('systems/test', { system: systemInForm(id, secrets()) })
        .then(({ ok, message }) => { said.empty().append($('<div>').addClass(ok ? 'waybill-good' : 'waybill-wrong').attr('role', ok ? 'status' : 'alert').text(message)); }, (error: unknown) => {
          said.empty().append($('<div class="waybill-wrong" role="alert">').text(error instanceof Error && error.message !== '' ? error.message : text('state.silent')));
        })
        .finally(() => { button.prop('disabled', false); });
    });
  }

  #show({ running, problem, lastProblem, lastAnswerAt, circuit }: State): void {
    this.#line.empty();
    if (!running) {
      this.#line.text(text('state.notDeployed'));
      return;
    }
    const kind = problem !== undefined || circuit?.state === 'open' ? 'refused' : lastAnswerAt === undefined ? 'connecting' : 'connected';
    this.#line.append($('<span>').addClass(`waybill-dot waybill-dot-${kind}`), $('<span>').text([
      problem ?? (circuit === undefined || circuit.state === 'closed' ? text(lastAnswerAt === undefined ? 'state.unused' : 'state.answers', { at: clock(lastAnswerAt) }) : text(circuit.state === 'open' ? circuit.manual ? 'state.stopped' : 'state.open' : 'state.halfOpen', { until: clock(circuit.until) })),
      ...(circuit !== undefined && circuit.running + circuit.waiting > 0 ? [text('state.busy', { running: circuit.running, waiting: circuit.waiting })] : []),
    ].join(' · ')));
    if (lastProblem !== undefined) $('<div class="waybill-hint">').text(text('state.problem', { at: clock(lastProblem.at), reason: lastProblem.message })).appendTo(this.#line);
  }
}

function clock(iso: string | undefined): string {
  return iso === undefined ? '' : new Date(iso).toLocaleString();
}
