import type { Waybill } from '../../../src/engine/api.ts';
import type { Look, OpenCaseSeen } from './messages.ts';

const page = { limit: 200 };

/** What waits in this engine, and for which reason people would see. */
export async function look(waybill: Waybill): Promise<Look> {
  const { ledger } = waybill;
  if (ledger === undefined) throw new Error(`the engine refuses: ${waybill.reason ?? ''}`);
  const [counts, open, closed] = await Promise.all([ledger.counts(), ledger.listCases({ status: 'open' }, page), ledger.listCases({ status: 'closed' }, page)]);
  const seen = await Promise.all(open.items.map(async ({ case_id: caseId, title }): Promise<OpenCaseSeen> => {
    const [tasks, exceptions, deadLetters, view] = await Promise.all([
      ledger.listTasks({ status: 'open', caseId }, page), ledger.listExceptions({ status: 'open', caseId }, page),
      ledger.listDeadLetters({ status: 'open', caseId }, page), waybill.caseView(caseId),
    ]);
    return {
      caseId, title, activity: view?.activity ?? 'absent',
      tasks: tasks.items.map((t) => ({ taskId: t.task_id, factsHash: t.facts_hash })),
      exceptions: exceptions.items.map((e) => ({ exceptionId: e.exception_id, class: e.class, code: e.code, message: e.message })),
      deadLetters: deadLetters.items.map((d) => ({ deadLetterId: d.dead_letter_id, reason: d.reason })),
    };
  }));
  const { gauges, counters } = waybill.metrics();
  return { state: waybill.state, reason: waybill.reason, counts, gauges, counters, open: seen, closed: closed.items.map((c) => ({ caseId: c.case_id, outcome: c.outcome })) };
}
