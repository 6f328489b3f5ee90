import type { PersonIdentity, Waybill } from '../../engine/api.ts';
import type { RequestChangeInput, RequestWaiverInput } from '../../engine/governance/change-port.ts';
import { record } from '../here/record.ts';
import { refused, text } from './answer.ts';
import type { Reply } from './answer.ts';

/** Changes that the sidebar lists. */
const MOST = 50;
const LONGEST_REASON = 2_000;
const LONGEST_TITLE = 300;

/** What this site has asked for, the newest first. */
export async function changesView({ governance, settings: { site } }: Waybill): Promise<object> {
  const { items } = await governance.changes.list({ sites: [site] }, { limit: MOST });
  return {
    changes: items.map(({ change_id, kind, status, title, template, rule, requested_at, quorum, expires_at, until, version }) => ({
      id: change_id, kind, state: status, title, at: requested_at, needed: quorum,
      ...(template === null ? {} : { template }), ...(rule === null ? {} : { rule }), ...(version === null ? {} : { version }),
      ...(expires_at === null && until === null ? {} : { expiresAt: expires_at ?? until }),
    })),
  };
}

/** Asks for a change or a waiver in the name of who sits at the editor. */
export async function askFor({ governance, settings: { site } }: Waybill, body: unknown, by: PersonIdentity): Promise<Reply> {
  const given = record(body);
  const input = inputOf(given, site, by);
  if (typeof input === 'string') return refused(input);
  const outcome = await governance.changes.request(input);
  if (outcome.ok) return { status: 201, body: { id: outcome.changeId } };
  return { status: outcome.status === 'unavailable' ? 503 : 422, body: { code: outcome.code, message: outcome.message } };
}

function inputOf(given: Readonly<Record<string, unknown>>, site: string, by: PersonIdentity): RequestChangeInput | RequestWaiverInput | string {
  const [reason, template, rule] = [text(given['reason'], LONGEST_REASON), text(given['template']), text(given['rule'])];
  const title = typeof given['title'] === 'string' ? given['title'].trim().slice(0, LONGEST_TITLE) : '';
  const family = text(given['family']) || (template.split('/')[0] ?? '');
  if (reason === '') return 'Say in up to 2,000 characters why it is needed.';
  if (title === '' || family === '') return 'Name what it is about: a title, and the family whose owners decide.';
  const command = text(given['commandKey']);
  const base = { site, family, title, reason, by, ...(template === '' ? {} : { template }), ...(command === '' ? {} : { commandKey: `editor:${by.userId}:${command}` }) };
  if (given['kind'] === 'change') {
    return Array.isArray(given['nodes']) ? { ...base, kind: 'change', nodes: given['nodes'] as RequestChangeInput['nodes'] } : 'Send the nodes as they should be.';
  }
  const fingerprints = Array.isArray(given['fingerprints']) ? given['fingerprints'].filter((each): each is string => typeof each === 'string') : [];
  const until = text(given['until']);
  if (given['kind'] !== 'waiver' || rule === '' || fingerprints.length === 0) return 'Name the rule and the findings that the waiver is to cover.';
  if (until !== '' && Number.isNaN(Date.parse(until))) return 'Write the day until which it is needed as YYYY-MM-DD.';
  return { ...base, kind: 'waiver', rule, scope: { fingerprints }, ...(until === '' ? {} : { until: new Date(until).toISOString() }) };
}
