/** What a tag of a *plc in* node is and what is wrong with one, the same in the editor and in the engine. */
export { tagProblems } from '../../../domain/plc/tag.ts';
export { NODE_ID } from '../../../domain/plc/write.ts';
export type { PlcTag, TagProblem } from '../../../domain/plc/tag.ts';
