import { hash } from 'node:crypto';
import type { CaseState, Json, JsonObject, Task } from '../../domain/index.ts';
import { photosOf } from '../../domain/index.ts';
import type { RecordAudit } from '../../domain/case/commands.ts';
import type { StepPattern } from '../api.ts';
import type { StepContext } from '../step-context.ts';
import { dueAfter } from './due.ts';
import { asText, ConfigError, list, positive } from './typed.ts';

/** Config of an `audit` node, version 2; what is absent is as in version 1. */
export interface AuditConfig {
  readonly what: string; readonly whatType: string; readonly why: string; readonly whyType: string; readonly evidence: string; readonly evidenceType: string; readonly redact: string;
  /** Photos that a person has to attach first; 0 asks nobody. */
  readonly photos?: number | string; readonly photoRole?: string; readonly photoQuestion?: string; readonly photoQuestionType?: string;
  /** 0 is no deadline. */
  readonly photoDeadline?: number | string; readonly photoDeadlineUnit?: 'minutes' | 'hours' | 'days';
}

/** Photos that one task may ask for. */
const maxAsked = 10;
const output = { recorded: 0, withoutPhotos: 1 } as const;

function redacted(value: Json, paths: readonly string[]): Json {
  const copy = structuredClone(value) as Json;
  for (const path of paths) {
    const parts = path.split('.');
    const last = parts.pop();
    let at: unknown = copy;
    for (const part of parts) at = typeof at === 'object' && at !== null && Object.hasOwn(at, part) ? (at as Record<string, unknown>)[part] : undefined;
    if (last !== undefined && typeof at === 'object' && at !== null && Object.hasOwn(at, last)) (at as Record<string, unknown>)[last] = '[redacted]';
  }
  return copy;
}

/** Photos of the task by their hash; their names tell nothing, as they stand in a leaf. */
function photosIn(state: CaseState, task: Task | undefined): RecordAudit['attachments'] {
  if (task === undefined) return [];
  return photosOf(state, { kind: 'task', id: task.taskId }).map(({ sha256, bytes }, index) => ({ name: `photo-${index + 1}`, sha256, bytes }));
}

/** Business evidence: what, why, and the hash of what was seen; the redacted evidence itself as erasable content. A person may have to attach photos first. */
export function auditPattern(config: AuditConfig): StepPattern {
  const wanted = Math.round(positive(config.photos, 0));
  if (wanted > maxAsked) throw new ConfigError(`This audit asks for ${wanted} photos; ask for at most ${maxAsked}.`);
  if (wanted > 0 && !config.photoRole) throw new ConfigError('This audit asks for photos and names no role; say who takes them, and deploy.');

  async function askForPhotos(step: StepContext): Promise<void> {
    const role = config.photoRole ?? '';
    const question = asText(await step.evaluate(config.photoQuestion ?? '', config.photoQuestionType ?? 'str')) || 'Take photos of the goods.';
    const length = positive(config.photoDeadline, 0);
    const due: { readonly dueAt?: string } = length > 0 ? dueAfter(step, step.now(), { value: length, unit: config.photoDeadlineUnit ?? 'hours', working: false }, undefined) : {};
    const taskId = step.newId();
    await step.commit((state) => [{
      type: 'CreateTask', taskId, runId: step.runId, kind: 'evidence', photos: wanted, role, quorum: 1, at: step.now(), ...(due.dueAt === undefined ? {} : { dueAt: due.dueAt }), onExpiry: 'expire',
      covers: [], factsHash: step.hashFacts(state, []), unknownOperatorRole: role, policyVersion: `photos-${wanted}`, title: state.title ?? state.caseId, question, shown: {},
    }]);
  }

  async function record(step: StepContext, task: Task | undefined): Promise<void> {
    const what = asText(await step.evaluate(config.what ?? '', config.whatType ?? 'str'));
    const why = asText(await step.evaluate(config.why ?? '', config.whyType ?? 'str'));
    const seen = config.evidence ? await step.evaluate(config.evidence, config.evidenceType ?? 'msg') : undefined;
    const text = seen === undefined ? undefined : JSON.stringify(seen);
    const evidence: JsonObject | undefined = text === undefined ? undefined : { value: redacted(JSON.parse(text) as Json, list(config.redact)) };
    const port = task === undefined || task.status === 'approved' ? output.recorded : output.withoutPhotos;
    await step.complete([{ port }], (state) => [{
      type: 'RecordAudit', runId: step.runId, what, why,
      attachments: [...(text === undefined ? [] : [{ name: 'evidence', sha256: hash('sha256', text), bytes: Buffer.byteLength(text) }]), ...photosIn(state, task)],
      ...(evidence === undefined ? {} : { evidence }),
    }]);
  }

  return {
    async run(step) {
      const task = Object.values(step.state.tasks).filter((each) => each.runId === step.runId).at(-1);
      // A flow that was deployed without the photos still waits for those that were asked for.
      if (task === undefined) return wanted > 0 ? askForPhotos(step) : record(step, undefined);
      if (task.status === 'open') return;
      return task.status === 'voided' ? askForPhotos(step) : record(step, task);
    },
  };
}
