import type { Waybill } from '../../engine/api.ts';
import type { Authentication } from '../../domain/service/index.ts';
import { odataPresets, ODataShelf } from '../../engine/services/odata-shelf.ts';
import { refused, replying, text } from '../governance/answer.ts';
import type { Reply } from '../governance/answer.ts';
import { EDITOR_PATH } from '../here/editor-path.ts';
import { record } from '../here/record.ts';
import { atSystem } from './form-system.ts';
import type { SystemAdminApi } from './form-system.ts';

const LONGEST = 2_048;
const MOST_OPERATIONS = 60;
const NAME = /^[A-Za-z][A-Za-z0-9._-]{0,99}$/;
const ID = /^[a-z0-9]+(-[a-z0-9]+)*\/[a-z0-9]+(-[a-z0-9]+)*$/;

/** Serves the OData browser of the form of systems. Whoever may write flows asks: a request goes out to an address of the person's choice. */
export function mountODataRoutes(RED: SystemAdminApi, waybill: Waybill): void {
  if (!RED.httpAdmin || RED.auth === undefined) return;
  const { httpAdmin } = RED;
  const [mayRead, mayWrite] = [RED.auth.needsPermission('waybill.read'), RED.auth.needsPermission('waybill.write')];
  const shelf = new ODataShelf();
  const post = (path: string, answer: (body: Readonly<Record<string, unknown>>) => Promise<Reply> | Reply): void => {
    httpAdmin.post(`${EDITOR_PATH}/systems/odata/${path}`, mayWrite, replying(({ body }) => answer(record(body))));
  };
  httpAdmin.get(`${EDITOR_PATH}/systems/odata/presets`, mayRead, replying(() => ({ body: { presets: odataPresets } })));
  post('read', (body) => {
    const [path, preset] = [text(body['path'], LONGEST), text(body['preset'])];
    const authentication = authenticationOf(record(body['authentication']));
    if (path === '') return refused('Write the path of the service below the address, for example /odata/v4/purchasing.', 422);
    if (typeof authentication === 'string') return refused(authentication, 422);
    return atSystem(RED, waybill, record(body['system']), async (link) => said(await shelf.read(link, { path, authentication, ...(preset === '' ? {} : { preset }) })));
  });
  post('set', (body) => said(shelf.set(text(body['token']), text(body['name'], LONGEST))));
  post('draft', (body) => draft(shelf, body, waybill.clock.iso().slice(0, 10)));
}

/** What cannot be done is no failure of ours: the form shows the sentence where the person looks. */
function said(answer: object & { readonly problem?: string }): Reply {
  return answer.problem === undefined ? { body: answer } : refused(answer.problem, 422);
}

function draft(shelf: ODataShelf, body: Readonly<Record<string, unknown>>, date: string): Reply {
  const field = (name: string): string => text(body[name], LONGEST);
  const [id, title, owner, preset] = [field('id'), field('title'), field('owner'), field('preset')];
  if (!ID.test(id)) return refused('Name the service as family/name in small letters, for example erp/purchasing.', 422);
  if (title === '' || owner === '') return refused('Say what the service is and who answers for it: both stand in the catalogue.', 422);
  const authentication = authenticationOf(record(body['authentication']));
  if (typeof authentication === 'string') return refused(authentication, 422);
  const operations = Object.entries(record(body['operations']));
  if (operations.length === 0 || operations.length > MOST_OPERATIONS) return refused(operations.length === 0 ? 'Choose at least one operation.' : `A draft has ${MOST_OPERATIONS} operations at most.`, 422);
  const wrong = operations.find(([name]) => !NAME.test(name));
  if (wrong !== undefined) return refused(`"${wrong[0]}" is no name of an operation: a letter, then letters, digits, points and dashes.`, 422);
  const keys = Object.fromEntries(Object.entries(record(body['keys'])).map(([name, property]) => [name, text(property)] as const).filter(([, property]) => property !== ''));
  return said(shelf.draft(field('token'), {
    id, title, owner, system: field('system') || 'erp', path: field('path'), date, keys, authentication, ...(preset === '' ? {} : { preset }),
    operations: Object.fromEntries(operations) as never,
  }));
}

/** How the service signs in; one sentence where something is missing. */
function authenticationOf(given: Readonly<Record<string, unknown>>): Authentication | string {
  const [kind, more] = [text(given['kind']), text(given['more'], LONGEST)];
  switch (kind) {
    case 'none': case 'basic': case 'bearer': case 'mtls': return { kind };
    case 'api-key': return more === '' ? 'Name the header in which the system takes the API key.' : { kind, in: 'header', name: more };
    case 'oauth2-client-credentials': return more === '' ? 'Write the address at which tokens are given out.' : { kind, tokenUrl: more };
    default: return 'Choose how the service signs in.';
  }
}
