import { get } from '../api/client.ts';
import type { TaskSummary } from '../api/types.ts';
import { usePolling, type Polled } from './polling.ts';

/** What waits for the signed-in person, counted by the server. */
export function useTaskSummary(): Polled<TaskSummary> {
  return usePolling((signal) => get<TaskSummary>('tasks/summary', {}, signal), undefined, { topics: ['tasks'] });
}
