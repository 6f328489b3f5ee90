import { involvedIn } from '../task/tasks.ts';
import type { CaseState } from './state.ts';

/** Approvals that were given before segregation of duties came to speak against them do not count any more (PROTOCOL §4). */
export function discount(state: CaseState, operator: string | undefined, operatorLost: boolean): CaseState['tasks'] {
  const tasks = { ...state.tasks };
  for (const task of Object.values(tasks)) {
    if (task.status !== 'open') continue;
    const gone = operatorLost ? task.approvers : task.decisions.filter((each) => each.decision === 'approve' && involvedIn(each).some((person) => person === operator)).map((each) => each.person);
    if (gone.length > 0) tasks[task.taskId] = { ...task, discounted: [...new Set([...task.discounted ?? [], ...gone])] };
  }
  return tasks;
}

/** Segregation of duties counts everybody who touched the case (PROTOCOL §4). */
export function touched(state: CaseState, person: string): CaseState {
  return { ...state, tasks: discount(state, person, false), operators: state.operators.includes(person) ? state.operators : [...state.operators, person] };
}
