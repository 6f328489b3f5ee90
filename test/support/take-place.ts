import { existsSync, renameSync, rmSync } from 'node:fs';

/** Moves a folder to the place that its content names. Another process may have made the same at the same time: then that one stays. */
export function takePlace(folder: string, place: string): void {
  try {
    renameSync(folder, place);
  } catch (error) {
    if (!existsSync(place)) throw error;
    rmSync(folder, { recursive: true, force: true });
  }
}
