/** Files that partners and systems bring into a folder. */
export { FolderIntake } from './folder-intake.ts';
export type { FilesPort, FolderIntakeOptions, FolderPlaces, FolderProblem, TakenFile, TakenResult } from './folder-intake.ts';
