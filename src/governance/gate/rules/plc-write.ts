/** What a value for a controller and a condition before it are and what is wrong with one, the same in the editor and in the engine. */
export { interlockProblems, NODE_ID, WRITABLE_TYPES, writeProblems } from '../../../domain/plc/write.ts';
export type { PlcWrite, WriteProblem } from '../../../domain/plc/write.ts';
