import type { Waybill } from '../../engine/api.ts';
import type { RunningIntake } from '../../engine/intake/scan-in-node.ts';
import { EDITOR_PATH } from '../here/editor-path.ts';
import { record } from '../here/record.ts';
import type { AdminApi } from '../here/routes.ts';
import { suggestFor, tryMessages, type TriedConfig } from '../../engine/intake/tryout.ts';

/** The part of Node-RED's runtime API that the form of an intake needs. */
export interface IntakeAdminApi extends AdminApi {
  readonly nodes: { getNode(id: string): unknown };
}

const MOST_MESSAGES = 20;
const LONGEST = 65_536;
const PRESETS = ['auto', 'plain-text', 'proglove', 'zebra-rfd', 'waybill', 'custom'] as const;

/** Serves what the form of an intake node shows: what arrives, and what pasted messages would become. Nothing is stored. */
export function mountIntakeRoutes(RED: IntakeAdminApi, waybill: Waybill): void {
  if (!RED.httpAdmin || RED.auth === undefined) return;
  RED.httpAdmin.get(`${EDITOR_PATH}/intake`, RED.auth.needsPermission('waybill.read'), (request, response) => {
    const { node } = request.query;
    const running = typeof node === 'string' ? (RED.nodes.getNode(node) as { readonly intake?: RunningIntake } | null)?.intake : undefined;
    response.set('Cache-Control', 'no-store').json(running === undefined ? { running: false } : {
      running: true, now: waybill.clock.now(), state: running.state(), counters: running.source.counters,
      lastProblem: running.source.lastProblem, samples: running.samples.list(),
    });
  });
  RED.httpAdmin.post(`${EDITOR_PATH}/intake/try`, RED.auth.needsPermission('waybill.write'), (request, response) => {
    const body = record(request.body);
    const messages = messagesOf(body['messages']);
    if (typeof messages === 'string') {
      response.status(422).json({ message: messages });
      return;
    }
    try {
      const answer = body['suggest'] === true ? { suggestion: suggestFor(messages, waybill.clock.now()) } : { tried: tryMessages(configOf(body['config'], waybill), textOf(body['topic']), messages, waybill.clock.now()) };
      response.set('Cache-Control', 'no-store').json(answer);
    } catch (error) {
      // what is thrown here is about the configuration, and says what to mend
      response.status(error instanceof RangeError ? 422 : 500).json({ message: error instanceof Error ? error.message : String(error) });
    }
  });
}

function messagesOf(value: unknown): readonly string[] | string {
  const messages = Array.isArray(value) ? value.filter((message): message is string => typeof message === 'string') : [];
  if (messages.length > MOST_MESSAGES) return `${messages.length} messages are too many to try; take ${MOST_MESSAGES} at most.`;
  return messages.some((message) => message.length > LONGEST) ? `A message of more than ${LONGEST} characters is too long to try.` : messages;
}

/** What the form sent, as far as an intake has it; nothing of it is trusted. */
function configOf(value: unknown, waybill: Waybill): TriedConfig {
  const given = record(value);
  const pointers = Object.fromEntries(Object.entries(record(given['pointers'])).filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
  return {
    pattern: textOf(given['pattern']), preset: PRESETS.find((preset) => preset === given['preset']) ?? 'auto', pointers: pointers as unknown as TriedConfig['pointers'],
    fnc1: textOf(given['fnc1']), maxBytes: Number(given['maxBytes']) || LONGEST, operatorRequired: given['operatorRequired'] === true, uniqueScope: textOf(given['uniqueScope']),
    enterprise: textOf(given['enterprise']) || waybill.settings.enterprise, site: textOf(given['site']) || waybill.settings.site,
  };
}

function textOf(value: unknown): string {
  return typeof value === 'string' && value.length <= 1_024 ? value : '';
}
