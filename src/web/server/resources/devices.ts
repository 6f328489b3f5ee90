import { deviceKinds, readDeviceList } from '../../../domain/device/index.ts';
import type { ListProblem } from '../../../domain/device/index.ts';
import type { DeviceShape } from '../../../domain/events.ts';
import type { DeviceInput, DeviceView, WatchView } from '../../../engine/devices/device-port.ts';
import type { Caller } from '../auth/authenticate.ts';
import { accepted, operation, type Services } from '../operation.ts';
import { inScope, siteFilter } from '../permissions.ts';
import { problem } from '../problems.ts';
import { array, choice, nullable, object, pageOf, pageQuery, site, text, time, type PageQuery } from '../schemas.ts';
import { pageAt, pageRequest, searchWords } from '../scope.ts';

const number = { type: 'integer' } as const;
const string = { type: 'string' } as const;
const anyText = { type: 'string', maxLength: 200 } as const;
const states = ['active', 'blocked', 'retired', 'unknown'] as const;

const device = object({
  site: string, deviceId: string, state: { ...choice(...states), description: '`unknown`: it was heard, and nobody registered it.' },
  kind: nullable(choice(...deviceKinds)), name: string, station: nullable(string), certificate: nullable({ ...string, description: 'SHA-256 of its client certificate.' }),
  silentAfter: nullable({ ...number, description: 'Minutes of silence after which it is missed; null: as the site says.' }),
  hasKey: { type: 'boolean' }, registeredAt: nullable(time),
  life: { ...choice('ok', 'silent', 'unknown'), description: '`silent`: it is missed; `unknown`: nothing was heard yet.' }, silentSince: nullable(time),
  clock: { ...choice('ok', 'ahead', 'behind'), description: 'By more than 30 s, as the ledger noted it last.' }, skewSeconds: nullable({ ...number, description: 'By how much its clock is ahead now; negative: behind. Null while it cannot be told.' }),
  seen: nullable(object({
    firstSeen: time, lastSeen: time, messages: number, putAside: { ...number, description: 'Messages that went to quarantine because of who sent them.' }, station: nullable(string),
    elsewhere: nullable(object({ station: string, at: time })), connected: { type: 'boolean' }, refused: { ...number, description: 'Sign-ins that were refused.' }, refusedAt: nullable(time),
    flood: nullable(object({ since: time, messages: number })),
  })),
});

const shape = {
  name: { type: 'string', maxLength: 200 }, kind: choice(...deviceKinds), station: anyText, certificate: anyText,
  silentAfter: { type: 'integer', minimum: 0, maximum: 100_000 },
};
const optional = ['name', 'station', 'certificate', 'silentAfter'];
const iso = (at: number): string => new Date(at).toISOString();

function shown({ site: at, deviceId, device: known, hasKey, registeredAt, seen, clock, life, silentSince }: DeviceView): object {
  return {
    site: at, deviceId, state: known?.state ?? 'unknown', kind: known?.kind ?? null, name: known?.name ?? '', station: known?.station ?? null, certificate: known?.certificate ?? null,
    silentAfter: known?.silentAfter ?? null, hasKey, registeredAt: registeredAt ?? null, life, silentSince: silentSince ?? null, clock, skewSeconds: seen?.skewSeconds ?? null,
    seen: seen === undefined ? null : {
      firstSeen: iso(seen.firstSeen), lastSeen: iso(seen.lastSeen), messages: seen.messages, putAside: seen.putAside, station: seen.station ?? null,
      elsewhere: seen.elsewhere === undefined ? null : { station: seen.elsewhere.station, at: iso(seen.elsewhere.at) }, connected: seen.connected, refused: seen.refused,
      refusedAt: seen.refusedAt === undefined ? null : iso(seen.refusedAt), flood: seen.flood === undefined ? null : { since: iso(seen.flood.since), messages: seen.flood.messages },
    },
  };
}

interface Body extends Partial<DeviceShape> { readonly name?: string; readonly kind: DeviceShape['kind'] }

/** As people type and scanners print it: blanks around it, colons in a thumbprint, capital letters. Empty is absent. */
function inputOf(deviceId: string, { name = '', kind, station = '', certificate = '', silentAfter }: Body): DeviceInput {
  const thumbprint = certificate.replace(/[:\s]/g, '').toLowerCase();
  return {
    deviceId: deviceId.trim(), name: name.trim(), kind, ...(station.trim() === '' ? {} : { station: station.trim().replace(/^\/+|\/+$/g, '') }), ...(thumbprint === '' ? {} : { certificate: thumbprint }),
    ...(silentAfter === undefined ? {} : { silentAfter }),
  };
}

/** @throws WebError `not-found` for a site that the caller does not see */
function scoped(caller: Caller, at: string): void {
  if (!inScope(caller.identity.sites, at)) throw problem('not-found', 'There is no such site, or it is not among yours.');
}

function viewOf({ waybill }: Services, at: string, deviceId: string): object {
  const view = waybill.devices.get(at, deviceId);
  if (view === undefined) throw problem('not-found', 'There is no such device at this site.');
  return shown(view);
}

interface ListQuery extends PageQuery { readonly site?: string; readonly q?: string; readonly state?: string; readonly station?: string; readonly attention?: boolean }

/** What somebody should look at. */
function needsAttention({ device: known, life, clock, seen }: DeviceView): boolean {
  return known === undefined || life === 'silent' || clock !== 'ok' || seen?.flood !== undefined || (seen?.elsewhere !== undefined && known.station !== undefined) || (known.state !== 'retired' && (seen?.refused ?? 0) > 0);
}

const listDevices = operation<object, ListQuery>({
  id: 'listDevices', method: 'get', path: '/devices', tag: 'Devices', access: 'devices.read',
  summary: 'Registered devices, and those that were heard without being registered',
  description: 'By site and id. `q` finds words in id, name and station; `attention` leaves what somebody should look at. Retired ones only with `state=retired`.',
  query: { ...pageQuery, site, q: text(100, 'Words of id, name or station.'), state: choice(...states), station: text(128), attention: { type: 'boolean' } },
  success: { status: 200, description: 'A page of devices.', schema: pageOf(device) },
  handle: ({ query, services }, caller) => {
    if (query.site !== undefined) scoped(caller, query.site);
    const words = searchWords(query.q).map((word) => word.toLowerCase());
    const found = services.waybill.devices.list(query.site === undefined ? siteFilter(caller.identity.sites) : [query.site]).filter((view) => {
      const state = view.device?.state ?? 'unknown';
      if (query.state === undefined ? state === 'retired' : state !== query.state) return false;
      if (query.station !== undefined && view.device?.station !== query.station) return false;
      if (query.attention === true && !needsAttention(view)) return false;
      const told = `${view.deviceId} ${view.device?.name ?? ''} ${view.device?.station ?? ''} ${view.seen?.station ?? ''}`.toLowerCase();
      return words.every((word) => told.includes(word));
    });
    const { items, next } = pageAt(found, pageRequest(query));
    return Promise.resolve({ status: 200, json: { items: items.map(shown), ...(next === undefined ? {} : { next }) } });
  },
});

const deviceParams = { site: text(128), deviceId: text(128) };
interface At { readonly site: string; readonly deviceId: string }

const registerDevice = operation<object, object, Body & At>({
  id: 'registerDevice', method: 'post', path: '/devices', tag: 'Devices', access: 'devices.manage', command: true,
  summary: 'Register a device at a site',
  body: object({ site: text(128), deviceId: text(200), ...shape }, optional),
  success: { status: 201, description: 'It is registered.', schema: device },
  handle: async ({ body: { site: at, deviceId, ...body }, services, commandKey }, caller) => {
    scoped(caller, at);
    const input = inputOf(deviceId, body);
    accepted(await services.waybill.devices.register({ ...input, site: at, by: caller.identity, ...(commandKey === undefined ? {} : { commandKey }) }));
    return { status: 201, json: viewOf(services, at, input.deviceId) };
  },
});

const changeDevice = operation<At, object, Body>({
  id: 'changeDevice', method: 'put', path: '/devices/{site}/{deviceId}', tag: 'Devices', access: 'devices.manage', command: true,
  summary: 'Rename or move a device, or give it another certificate',
  description: 'The device as it is to be from here on: what is left out it has no longer.',
  params: deviceParams, body: object(shape, optional),
  success: { status: 200, description: 'The device as it is now.', schema: device },
  handle: async ({ params, body, services, commandKey }, caller) => {
    scoped(caller, params.site);
    accepted(await services.waybill.devices.change({ ...inputOf(params.deviceId, body), site: params.site, by: caller.identity, ...(commandKey === undefined ? {} : { commandKey }) }));
    return { status: 200, json: viewOf(services, params.site, params.deviceId) };
  },
});

const setDeviceState = operation<At, object, { readonly state: 'active' | 'blocked' | 'retired'; readonly reason?: string }>({
  id: 'setDeviceState', method: 'post', path: '/devices/{site}/{deviceId}/state', tag: 'Devices', access: 'devices.manage', command: true,
  summary: 'Block a device, let it in again, or retire it',
  description: '`blocked` needs a reason: it may not sign in any more, and where an intake asks for registered devices what it sends is put aside. `retired` is for good: its key ends.',
  params: deviceParams, body: object({ state: choice('active', 'blocked', 'retired'), reason: text(500) }, ['reason']),
  success: { status: 200, description: 'The device as it is now.', schema: device },
  handle: async ({ params, body: { state, reason }, services, commandKey }, caller) => {
    scoped(caller, params.site);
    const { devices } = services.waybill;
    const input = { ...params, by: caller.identity, ...(commandKey === undefined ? {} : { commandKey }) };
    accepted(await (state === 'active' ? devices.unblock(input) : state === 'blocked' ? devices.block({ ...input, reason: reason ?? '' }) : devices.retire({ ...input, ...(reason === undefined ? {} : { reason }) })));
    return { status: 200, json: viewOf(services, params.site, params.deviceId) };
  },
});

const makeDeviceKey = operation<At>({
  id: 'makeDeviceKey', method: 'post', path: '/devices/{site}/{deviceId}/key', tag: 'Devices', access: 'devices.manage', command: true,
  summary: 'Give a device a new key',
  description: 'The device signs in with its id as user name and the key as password. It is told this once; the one before is worth nothing from here on.',
  params: deviceParams,
  success: { status: 201, description: 'The key. `verifier` is the line of a Mosquitto password file without the name.', schema: object({ key: string, verifier: string }) },
  handle: async ({ params, services, commandKey }, caller) => {
    scoped(caller, params.site);
    const { key } = accepted(await services.waybill.devices.newKey({ ...params, by: caller.identity, ...(commandKey === undefined ? {} : { commandKey }) }));
    return { status: 201, json: { key, verifier: services.waybill.devices.get(params.site, params.deviceId)?.device?.verifier ?? '' } };
  },
});

/** Lines of one import. */
const mostImported = 1_000;
const imported = object({ line: { ...number, description: 'Of the list, from 1.' }, deviceId: string, what: choice('registered', 'changed', 'same', 'refused'), code: string, message: string }, ['line', 'code', 'message']);

type ImportBody = { readonly site: string; readonly dryRun: boolean; readonly csv?: string; readonly devices?: readonly (Body & { readonly deviceId: string })[] };

/** The lines of a list, or of the body, with what cannot be read of them. */
function linesOf({ csv, devices = [] }: ImportBody): { readonly inputs: readonly (DeviceInput & { readonly line?: number })[]; readonly wrong: readonly ListProblem[] } {
  if (csv === undefined) return { inputs: devices.map(({ deviceId, ...rest }) => inputOf(deviceId, rest)), wrong: [] };
  const read = readDeviceList(csv);
  return { inputs: read.devices.map(({ line, deviceId, ...rest }) => ({ ...inputOf(deviceId, rest), line })), wrong: read.problems };
}

const importDevices = operation<object, object, ImportBody>({
  id: 'importDevices', method: 'post', path: '/devices/import', tag: 'Devices', access: 'devices.manage', command: true,
  summary: 'Register many devices, or change those that are there',
  description: `At most ${mostImported} at once, as \`devices\` or as a list (\`csv\`, the first line names the columns id, kind, name, station, certificate, silentAfter). With \`dryRun\` nothing is recorded and the answer says what would be; a line that is refused leaves the others alone.`,
  body: object({ site: text(128), dryRun: { type: 'boolean' }, csv: { type: 'string', maxLength: 200_000 }, devices: { ...array(object({ deviceId: { type: 'string', maxLength: 200 }, ...shape }, optional)), maxItems: mostImported } }, ['csv', 'devices']),
  success: { status: 200, description: 'What became of each line, or would.', schema: object({ devices: array(imported) }) },
  handle: async ({ body, services }, caller) => {
    scoped(caller, body.site);
    const { inputs, wrong } = linesOf(body);
    if (inputs.length > mostImported) throw problem('request-invalid', `The list has ${inputs.length} devices; at most ${mostImported} are taken at once.`);
    const { devices } = accepted(await services.waybill.devices.importAll({ site: body.site, dryRun: body.dryRun, by: caller.identity, devices: inputs.map(({ line: _line, ...input }) => input) }));
    const done = devices.map((each, index) => ({ ...each, ...(inputs[index]?.line === undefined ? {} : { line: inputs[index].line }) }));
    const unread = wrong.map(({ line, deviceId, message }) => ({ line, deviceId, what: 'refused', code: 'device-line-unreadable', message }));
    return { status: 200, json: { devices: [...done, ...unread].sort((one, other) => (one.line ?? 0) - (other.line ?? 0)) } };
  },
});

const exportDevices = operation<object, { readonly site: string }>({
  id: 'exportDevices', method: 'get', path: '/devices/export', tag: 'Devices', access: 'devices.manage',
  summary: 'The devices of a site with what their keys are known by, for a broker of one\'s own',
  query: { site: text(128) },
  success: {
    status: 200, description: 'All of them; only active ones with a verifier.',
    schema: object({ enterprise: string, items: array(object({ deviceId: string, state: choice('active', 'blocked', 'retired'), kind: choice(...deviceKinds), station: nullable(string), verifier: nullable(string), certificate: nullable(string) })) }),
  },
  handle: ({ query, services: { waybill } }, caller) => {
    scoped(caller, query.site);
    const items = waybill.devices.list([query.site]).flatMap(({ device: known }) => (known === undefined ? [] : [{
      deviceId: known.deviceId, state: known.state, kind: known.kind, station: known.station ?? null, verifier: known.state === 'active' ? known.verifier ?? null : null, certificate: known.certificate ?? null,
    }]));
    return Promise.resolve({ status: 200, json: { enterprise: waybill.settings.enterprise, items } });
  },
});

const watch = object({
  site: string, minutes: { ...number, description: '0: only devices that say so themselves.' }, per: choice('device', 'station'), calendar: { ...string, description: 'Name of a calendar node; empty: around the clock.' }, role: string,
  problem: nullable({ ...string, description: 'Why nothing is missed although it is set so.' }), calendars: { ...array(string), description: 'Calendar nodes of the running flows.' },
});

function watchOf({ waybill }: Services, { problem: wrong, ...rest }: WatchView): object {
  return { ...rest, problem: wrong ?? null, calendars: waybill.devices.calendars() };
}

const getDeviceWatch = operation<{ readonly site: string }>({
  id: 'getDeviceWatch', method: 'get', path: '/device-watch/{site}', tag: 'Devices', access: 'devices.read',
  summary: 'When silent devices of a site are missed, and who is told',
  params: { site: text(128) },
  success: { status: 200, description: 'As it is set.', schema: watch },
  handle: ({ params, services }, caller) => {
    scoped(caller, params.site);
    const { waybill } = services;
    const set = waybill.devices.watch(params.site);
    // silence can be watched before anything of the site runs here; what nobody ever set or runs is no site
    if (set.minutes === 0 && !Object.hasOwn(waybill.zones(), params.site)) throw problem('not-found', 'There is no such site, or it is not among yours.');
    return Promise.resolve({ status: 200, json: watchOf(services, set) });
  },
});

const setDeviceWatch = operation<{ readonly site: string }, object, { readonly minutes: number; readonly per: 'device' | 'station'; readonly calendar: string; readonly role: string }>({
  id: 'setDeviceWatch', method: 'put', path: '/device-watch/{site}', tag: 'Devices', access: 'devices.manage', command: true,
  summary: 'Say when silent devices of a site are missed',
  params: { site: text(128) }, body: object({ minutes: { type: 'integer', minimum: 0, maximum: 100_000 }, per: choice('device', 'station'), calendar: { type: 'string', maxLength: 128 }, role: text(64) }),
  success: { status: 200, description: 'As it is set now.', schema: watch },
  handle: async ({ params, body, services, commandKey }, caller) => {
    scoped(caller, params.site);
    accepted(await services.waybill.devices.setWatch({ ...body, ...params, by: caller.identity, ...(commandKey === undefined ? {} : { commandKey }) }));
    return { status: 200, json: watchOf(services, services.waybill.devices.watch(params.site)) };
  },
});

export const devicesResource = [exportDevices, listDevices, importDevices, registerDevice, changeDevice, setDeviceState, makeDeviceKey, getDeviceWatch, setDeviceWatch];
