import type { Task } from '../api/types.ts';
import { t } from '../locales/index.ts';

/** Who has claimed a task, in words; undefined when nobody has. */
export function claimText(claimedBy: Task['claimedBy']): string | undefined {
  if (claimedBy === null) return undefined;
  if (claimedBy.me) return t('inbox.claimedByMe');
  return claimedBy.name === undefined ? t('inbox.claimedBySomebody') : t('inbox.claimedBy', { name: claimedBy.name });
}
