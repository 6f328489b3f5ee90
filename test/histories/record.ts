/**
 * Records the histories of `recorded/` by running the deciders. A file that is there is never written again: what an
 * event meant when it was released, it means for ever. Run it by hand after a story was added:
 *
 *   node test/histories/record.ts
 */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { absentCase, decide, evolve, eventTypeVersion } from '../../src/domain/index.ts';
import type { CaseCommand, CaseEvent, CaseState, RecordedEvent } from '../../src/domain/index.ts';
import { controlState } from '../domain/support/control-state.ts';
import { caseId, site, start } from '../domain/support/commands.ts';
import { folder } from './history.ts';
import { stories } from './stories.ts';
import type { Step } from './stories.ts';

function uuid(n: number): string {
  return `019578a0-0000-7000-9000-${String(n).padStart(12, '0')}`;
}

function recordStory(steps: readonly Step[]): { readonly state: CaseState; readonly events: readonly RecordedEvent[] } {
  let state = absentCase;
  const events: RecordedEvent[] = [];
  steps.forEach((step, index) => {
    const command: CaseCommand = typeof step.command === 'function' ? step.command(state) : step.command;
    const decision = decide(state, command);
    if ((decision.kind === 'refused') !== (step.refused === true)) throw new Error(`${command.type} of step ${index}: ${JSON.stringify(decision)}`);
    for (const event of decision.events) {
      const recordedAt = new Date(start + index * 60_000).toISOString();
      const recorded = {
        eventId: uuid(events.length + 1), typeVersion: eventTypeVersion(event.type), ledgerId: uuid(0), streamId: caseId, version: events.length + 1, site,
        legalEntity: 'acme-de', family: 'procure-to-pay/receiving', template: 'receiving@1.0.0', caseId, rootCaseId: caseId, epoch: step.epoch ?? 1,
        occurredAt: recordedAt, recordedAt, clockSource: 'server', actor: step.actor ?? { kind: 'system', id: 'engine' }, correlationId: caseId, command: command.type,
        ...event,
      } as RecordedEvent;
      events.push(recorded);
      state = evolve(state, recorded as CaseEvent);
    }
  });
  return { state, events };
}

mkdirSync(folder, { recursive: true });
for (const [file, story] of Object.entries(stories)) {
  const target = path.join(folder, file);
  if (existsSync(target)) {
    console.log(`${file} stands as it was recorded`);
    continue;
  }
  const { state, events } = recordStory(story.steps);
  writeFileSync(target, `${JSON.stringify({ title: story.title, expected: controlState(state), events }, null, 1)}\n`);
  console.log(`${file}: ${events.length} events, case ${state.status}`);
}
