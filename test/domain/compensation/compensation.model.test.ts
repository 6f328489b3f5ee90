import assert from 'node:assert/strict';

import fc from 'fast-check';

import { absentCase, currentUndo, decide, evolve, isOpenRun } from '../../../src/domain/index.ts';
import type { CaseCommand, CaseState, RefusalCode } from '../../../src/domain/index.ts';
import * as make from '../support/commands.ts';
import { record } from '../properties/hostile-case.ts';
import { modelRuns, modelTimeoutMs } from '../support/model-runs.ts';

/** What anybody would write on a sheet of paper: a pile of undos, and which one is being worked. */
interface Model {
  /** Registered, last on top. */
  readonly pile: string[];
  readonly outcomes: { readonly undo: string; readonly outcome: 'done' | 'skipped' }[];
  /** The undo at work, and how many messages of it are under way. */
  current: { readonly undo: string; underWay: number; calling: boolean; stuck: boolean } | undefined;
  /** A call of the normal way is under way. */
  calling: boolean;
  state: 'normal' | 'undoing' | 'closed';
}

class Real {
  state: CaseState = absentCase;
  serial = 0;
  /** Token of the normal way. */
  token = 'main-0';
  run = '';

  decide(command: CaseCommand): RefusalCode | undefined {
    this.serial += 1;
    const decision = decide(this.state, command);
    this.state = decision.events.map((event) => record(event, this.serial)).reduce(evolve, this.state);
    return decision.kind === 'refused' ? decision.code : undefined;
  }
  accept(command: CaseCommand): void {
    assert.equal(this.decide(command), undefined, `${command.type} was refused`);
  }
  /** Open runs of the undo at work, the newest last. */
  undoRuns(): readonly string[] {
    const undo = currentUndo(this.state)?.compensationId;
    return Object.values(this.state.runs).filter((run) => isOpenRun(run) && run.compensation === undo && undo !== undefined).map((run) => run.runId);
  }
  undoTokens(): readonly string[] {
    return Object.values(this.state.tokens).filter((token) => token.state === 'live' && token.compensation !== undefined).map((token) => token.tokenId);
  }
}

type Step = fc.Command<Model, Real>;

/** The next undo begins, or the case is closed. */
function begin(m: Model): void {
  const undo = m.pile.pop();
  m.current = undo === undefined ? undefined : { undo, underWay: 1, calling: false, stuck: false };
  if (undo === undefined) m.state = 'closed';
}

function look(m: Model, r: Real): void {
  assert.equal(r.state.status, m.state === 'closed' ? 'closed' : 'open');
  assert.equal(r.state.compensating !== undefined, m.state === 'undoing');
  assert.equal(currentUndo(r.state)?.compensationId, m.current?.undo);
  assert.equal(r.undoRuns().length + r.undoTokens().length, m.current?.underWay ?? 0, 'under way');
  const ended = Object.values(r.state.compensations).filter((one) => one.status === 'done' || one.status === 'skipped');
  assert.deepEqual(ended.map((one) => `${one.compensationId} ${one.status}`).sort(), m.outcomes.map(({ undo, outcome }) => `${undo} ${outcome}`).sort());
  if (m.state !== 'normal') {
    const others = [...Object.values(r.state.tokens).filter((token) => token.state === 'live'), ...Object.values(r.state.runs).filter(isOpenRun)];
    assert.ok(others.every((one) => one.compensation === m.current?.undo), 'nothing but the undo is under way');
  }
}

function command(name: string, check: (m: Model) => boolean, run: (m: Model, r: Real) => void): Step {
  return { check: (m) => check(m as Model), run: (m, r) => { run(m, r); look(m, r); }, toString: () => name };
}

const normal = (m: Model): boolean => m.state === 'normal' && !m.calling;
const undoing = (m: Model): boolean => m.state === 'undoing' && m.current !== undefined && !m.current.stuck && !m.current.calling;

const register = (how: 'flow' | 'task'): Step => command(`register ${how}`, normal, (m, r) => {
  r.accept(make.enterStep(r.token, { address: make.address(`step-${r.serial}`), nodeType: 'waybill-compensate' }));
  r.accept(make.registerCompensation(r.token, { how }));
  m.pile.push(r.token);
  const next = `main-${r.serial}`;
  r.accept(make.completeStep(r.token, [make.token(next)]));
  r.token = next;
});
const call = command('call', normal, (m, r) => {
  r.accept(make.enterStep(r.token, { address: make.address(`call-${r.serial}`) }));
  r.run = r.token;
  r.accept(make.intendEffect(r.run, { effectId: `e-${r.serial}`, callId: 'c', idempotencyKey: `k-${r.serial}` }));
  m.calling = true;
});
const answer = command('answer', (m) => m.state === 'normal' && m.calling, (m, r) => {
  const effect = Object.values(r.state.effects).find((one) => one.state === 'calling');
  r.accept(make.endCall(effect?.effectId ?? '', 'success', 'c'));
  const next = `main-${r.serial}`;
  r.accept(make.completeStep(r.run, [make.token(next)]));
  r.token = next;
  m.calling = false;
});
const cancel = (by: 'compensate' | 'close'): Step => command(`cancel by ${by}`, (m) => m.state !== 'closed' && !(by === 'compensate' && m.pile.length === 0 && m.state === 'normal'), (m, r) => {
  const refused = r.decide(by === 'compensate' ? make.compensateCase() : make.closeCase({ outcome: 'cancelled', cancelOpen: true, compensate: true }));
  assert.equal(refused, m.state === 'undoing' ? 'compensating' : m.calling ? 'effect-open' : undefined);
  if (refused !== undefined) return;
  m.state = 'undoing';
  begin(m);
});
const closeNormally = command('close', (m) => normal(m), (m, r) => {
  r.accept(make.closeCase({ cancelOpen: true, compensate: false }));
  m.state = 'closed';
  m.pile.length = 0;
  assert.ok(Object.values(r.state.compensations).every((one) => one.status === 'dropped'));
});
const goOn = (wires: number): Step => command(`undo goes on over ${wires} wires`, (m) => undoing(m), (m, r) => {
  const [run] = r.undoRuns();
  if (run === undefined) return enterOne(r);
  r.accept(make.completeStep(run, Array.from({ length: wires }, (_, i) => make.token(`u-${r.serial}-${i}`, 'undo', 1, i))));
  const { current } = m;
  if (current === undefined) return;
  current.underWay += wires - 1;
  if (current.underWay > 0) return;
  m.outcomes.push({ undo: current.undo, outcome: 'done' });
  begin(m);
});
function enterOne(r: Real): void {
  const [token] = r.undoTokens();
  r.accept(make.enterStep(token ?? '', { address: make.address(`undo-${r.serial}`), exceptionId: `x-${r.serial}` }));
}
const raise = command('undo is stuck', (m) => undoing(m), (m, r) => {
  const [run] = r.undoRuns();
  const [token] = r.undoTokens();
  r.accept(make.raiseException({ exceptionId: 'stuck-' + String(r.serial), ...(run === undefined ? { tokenId: token ?? '' } : { runId: run }) }));
  if (m.current !== undefined) m.current.stuck = true;
});
const resolve = (outcome: 'retry' | 'continue' | 'cancel'): Step => command(`${outcome} it`, (m) => m.current?.stuck === true, (m, r) => {
  const open = Object.values(r.state.exceptions).find((one) => one.status === 'open');
  const refused = r.decide(make.resolveException(open?.exceptionId ?? '', outcome, { successorTokenId: `s-${r.serial}`, by: 'p-clerk' }));
  const { current } = m;
  assert.equal(refused, outcome === 'cancel' ? 'compensating' : undefined);
  if (refused !== undefined || current === undefined) return;
  current.stuck = false;
  if (outcome === 'retry') return;
  m.outcomes.push({ undo: current.undo, outcome: 'skipped' });
  begin(m);
});
const undoCalls = command('undo calls', (m) => undoing(m), (m, r) => {
  const [run] = r.undoRuns();
  if (run === undefined) return enterOne(r);
  r.accept(make.intendEffect(run, { effectId: `e-${r.serial}`, callId: 'c', idempotencyKey: `k-${r.serial}`, operation: `op-${r.serial}` }));
  if (m.current !== undefined) m.current.calling = true;
});
const undoAnswered = command('undo is answered', (m) => m.current?.calling === true, (m, r) => {
  const effect = Object.values(r.state.effects).find((one) => one.state === 'calling');
  r.accept(make.endCall(effect?.effectId ?? '', 'success', 'c'));
  if (m.current !== undefined) m.current.calling = false;
});

const steps = fc.commands([
  fc.constantFrom(register('flow'), register('task')), fc.constantFrom(register('flow'), register('task')), fc.constant(call), fc.constant(answer),
  fc.constantFrom(cancel('compensate'), cancel('close')), fc.constant(closeNormally), fc.integer({ min: 0, max: 2 }).map(goOn), fc.integer({ min: 0, max: 2 }).map(goOn),
  fc.constant(raise), fc.constantFrom(resolve('retry'), resolve('continue'), resolve('cancel')), fc.constant(undoCalls), fc.constant(undoAnswered),
], { maxCommands: 120, size: 'max' });

describe('compensation against a plain model', function () {
  this.timeout(modelTimeoutMs);

  it(`agree over ${modelRuns} random runs`, () => {
    fc.assert(fc.property(steps, (commands) => {
      fc.modelRun(() => {
        const real = new Real();
        real.accept(make.openCase({ tokens: [make.token('main-0')] }));
        return { real, model: { pile: [], outcomes: [], current: undefined, calling: false, state: 'normal' } satisfies Model as Model };
      }, commands);
    }), { numRuns: modelRuns });
  });
});
