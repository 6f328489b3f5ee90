import { accepted, operation } from '../operation.ts';
import { id, object, text } from '../schemas.ts';
import { visible } from '../scope.ts';

interface PauseBody { readonly reason: string; readonly note?: string }

function pauseOperation(pause: boolean) {
  return operation<{ caseId: string }, object, PauseBody>({
    id: pause ? 'pauseCase' : 'resumeCase', method: 'post', path: `/cases/{caseId}/${pause ? 'pause' : 'resume'}`, tag: 'Cases', access: 'exceptions.resolve', command: true,
    summary: pause ? 'Stop the clocks of a case\'s escalation' : 'Let the clocks of a case\'s escalation go on',
    description: pause
      ? 'Its ladders climb no further until it is resumed, and keep what was left of their time. Its work may go on, and the deadlines of its tasks stand.'
      : 'Each rung is due when what was left of its time is over, by the calendar as it is now.',
    params: { caseId: id },
    body: object({ reason: { type: 'string', pattern: '^[a-z0-9-]{2,40}$', description: 'Code of the reason, for example `supplier`.' }, note: text(2000) }, ['note']),
    success: { status: 204, description: 'It is in the ledger.' },
    handle: async ({ params, body, services, ledger, commandKey }, caller) => {
      const row = visible(caller, await ledger().getCase(params.caseId));
      const input = {
        caseId: row.case_id, reason: body.reason, by: caller.identity, ...(body.note === undefined ? {} : { note: body.note }), ...(commandKey === undefined ? {} : { commandKey }),
      };
      accepted(await (pause ? services.waybill.pauseCase(input) : services.waybill.resumeCase(input)));
      return { status: 204 };
    },
  });
}

export const casePauseResource = [pauseOperation(true), pauseOperation(false)];
