import { stat, statfs } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import type { EngineMetrics } from '../../../engine/api.ts';
import { operation } from '../operation.ts';
import { array, choice, nullable, object, time } from '../schemas.ts';

/** Checkpoints that are named. */
const CHECKPOINTS = 20;
const text = { type: 'string' } as const;
const number = { type: 'number' } as const;

/** Room on the disk of the home folder, and what the ledger takes of it. */
async function diskOf(home: string): Promise<{ freeBytes: number | null; ledgerBytes: number | null }> {
  const size = async (name: string): Promise<number> => (await stat(path.join(home, name)).catch((error: unknown) => absent(error)))?.size ?? 0;
  try {
    const { bavail, bsize } = await statfs(home);
    return { freeBytes: bavail * bsize, ledgerBytes: await size('ledger.db') + await size('ledger.db-wal') };
  } catch (error) {
    if (error instanceof Error && 'code' in error) return { freeBytes: null, ledgerBytes: null };
    throw error;
  }
}

function absent(error: unknown): undefined {
  if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
  throw error;
}

/** Counters of the intake without their prefix. */
function intakeOf({ counters }: EngineMetrics): Record<string, number> {
  const of = (name: string): number => counters[name] ?? 0;
  return {
    received: of('scans_received'), acknowledged: of('scans_opened') + of('scans_duplicate') + of('scans_repeat') + of('scans_folded') + of('scans_quarantined'),
    opened: of('scans_opened'), duplicates: of('scans_duplicate'), repeats: of('scans_repeat'), folded: of('scans_folded'), quarantined: of('quarantined'),
    redelivered: of('scans_redelivered'), held: of('scans_held'), letGo: of('scans_let_go'),
  };
}

const intakeNames = ['received', 'acknowledged', 'opened', 'duplicates', 'repeats', 'folded', 'quarantined', 'redelivered', 'held', 'letGo'];

export const getSystem = operation({
  id: 'getSystem', method: 'get', path: '/system', tag: 'System', access: 'kpis.read',
  summary: 'How this instance is',
  description: 'Engine, ledger, calls to other systems, intake since the start, disk, and figures of the last quarter of an hour. `circuits` of this version have no breaker: `failing` says that the last calls of the system had no answer that counts; each case tries again at its own time. `unwitnessedSince` is null when the newest checkpoint is cosigned by somebody else, or there is no event.',
  success: {
    status: 200, description: 'The figures.',
    schema: object({
      version: text, node: text, nodeRed: nullable(text), site: text, timeZone: text, startedAt: nullable(time), epoch: nullable({ type: 'integer' }),
      engine: object({ state: choice('opening', 'ready', 'suspended', 'refusing', 'closed'), reason: nullable(text) }),
      ledger: nullable(object({
        state: choice('ready', 'suspended', 'closed'), reason: text, queuedCommits: number, queuedBytes: number, lastPosition: number, checkpointSize: number,
        checkpointAt: time, commitMs: object({ p50: number, p99: number }), origin: text, verifierKey: text, ledgerId: text, unwitnessedSince: nullable(time),
      }, ['reason', 'checkpointAt'])),
      circuits: array(object({ system: text, state: choice('closed', 'failing'), since: time, retryAt: nullable(time), failures: number, running: number, limit: number })),
      intake: object(Object.fromEntries(intakeNames.map((name) => [name, number]))),
      disk: object({ freeBytes: nullable(number), ledgerBytes: nullable(number) }),
      history: array(object({ at: time, commitP50: number, commitP99: number, queued: number, eventsPerSecond: number, scansPerSecond: number })),
      checkpoints: array(object({ size: number, at: time })),
    }),
  },
  handle: async ({ services: { waybill }, version }) => {
    const { settings, ledger } = waybill;
    const vitals = waybill.vitals();
    const [unwitnessedSince, checkpoints, disk] = await Promise.all([ledger?.unwitnessedSince(), ledger?.checkpoints(CHECKPOINTS), diskOf(settings.home)]);
    return {
      status: 200,
      json: {
        version, node: process.versions.node, nodeRed: waybill.hostVersion ?? null, site: settings.site, timeZone: settings.timeZone ?? 'UTC',
        startedAt: vitals?.startedAt ?? null, epoch: vitals?.epoch ?? null, engine: { state: waybill.state, reason: waybill.reason ?? null },
        ledger: ledger === undefined ? null : {
          ...ledger.health(), origin: ledger.origin, verifierKey: ledger.verifierKey, ledgerId: ledger.ledgerId, unwitnessedSince: unwitnessedSince ?? null,
        },
        circuits: (vitals?.systems ?? []).map((system) => ({ ...system, retryAt: system.retryAt ?? null })),
        intake: intakeOf(waybill.metrics()), disk, history: vitals?.history ?? [], checkpoints: checkpoints ?? [],
      },
    };
  },
});

export const systemResource = [getSystem];
