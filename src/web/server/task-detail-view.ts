import type { TaskDetail } from '../../engine/api.ts';
import { named } from './rows.ts';

/** The detail of a task with people instead of pseudonyms. `masked`: some facts are hidden from the caller, and so are the reasons that tell them. */
export function taskDetailView(detail: TaskDetail, nameOf: (pseudonym: string) => string | undefined, me: string, masked: boolean) {
  const who = (person: string): ReturnType<typeof named> => named(person, nameOf, me);
  const { why, sequence, round, policyVersion, holdSeconds, levels, requesters, question, conversation, delegators, reversedBy } = detail;
  const { mayNot, mayRework, mayRecall, mayReassign, mayReassignToRole, mayAsk, mayAnswer, mayWithdraw, mayReverse } = detail;
  return {
    why: masked && why !== null ? { row: why['row'] ?? null } : why, sequence, round, policyVersion, holdSeconds,
    levels: levels.map(({ decisions, assignee, ...level }) => ({
      ...level, assignee: assignee === null ? null : who(assignee),
      decisions: decisions.map(({ person, onBehalfOf, decision, at }) => ({ by: who(person), ...(onBehalfOf === undefined ? {} : { onBehalfOf: who(onBehalfOf) }), decision, at })),
    })),
    requesters: requesters.map(who),
    question: question === null ? null : { by: who(question.by), to: question.to === null ? null : who(question.to), askedAt: question.askedAt, text: question.text },
    conversation: conversation.map(({ kind, person, at, text }) => ({ kind, by: who(person), at, text })),
    mayNot, mayRework, mayRecall, mayReassign, mayReassignToRole, mayAsk, mayAnswer, mayWithdraw, mayReverse, delegators, reversedBy,
  };
}
