import type { RecordNotice } from '../../src/domain/case/commands.ts';
import { address, closeCase, createTask, enterStep, openCase, raiseException, susan } from './support/commands.ts';
import { given, happened } from './support/given.ts';

const asked = happened(openCase(), enterStep('t1'), createTask('t1'));
const closed = happened(openCase(), enterStep('t1'), createTask('t1'), closeCase({ cancelOpen: true }));
const notice = (change: Partial<RecordNotice> = {}): RecordNotice => ({ type: 'RecordNotice', taskId: 'task-t1', channel: 'mail', purpose: 'created', cause: 7, ok: true, recipients: [susan], ...change });

describe('RecordNotice', () => {
  it('says who was told of a task, by what and of which event', () => {
    given(asked).when(notice()).then({
      type: 'TaskNotified', address: address('validate'), data: { taskId: 'task-t1', channel: 'mail', purpose: 'created', ok: true, cause: 7, recipients: [susan] },
    });
  });

  it('says why nobody could be told', () => {
    given(asked).when(notice({ ok: false, recipients: [], reason: 'no-recipient' })).then({
      type: 'TaskNotified', address: address('validate'), data: { taskId: 'task-t1', channel: 'mail', purpose: 'created', ok: false, cause: 7, recipients: [], reason: 'no-recipient' },
    });
  });

  it('is recorded on a closed case as well, and as often as it happened', () => {
    given(closed).when(notice({ purpose: 'decided' })).thenTypes('TaskNotified');
    given(asked, given(asked).when(notice()).decision.events).when(notice()).thenTypes('TaskNotified');
  });

  it('is about something that the case has', () => {
    given(asked).when(notice({ taskId: 'constructor' })).thenRefused('task-unknown');
    given(asked).when({ type: 'RecordNotice', exceptionId: 'x', channel: 'mail', purpose: 'exception', cause: 1, ok: true }).thenRefused('exception-unknown');
    given(asked).when({ type: 'RecordNotice', channel: 'mail', purpose: 'escalated', cause: 1, ok: true }).then({ type: 'TaskNotified', data: { channel: 'mail', purpose: 'escalated', ok: true, cause: 1 } });
    given().when(notice()).thenRefused('case-absent');
    const raised = happened(openCase(), raiseException());
    given(raised).when({ type: 'RecordNotice', exceptionId: 'x-1', channel: 'teams', purpose: 'exception', cause: 1, ok: true }).thenTypes('TaskNotified');
  });
});
