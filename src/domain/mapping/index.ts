/** Mappings as data: rows from a source to a target, with units, decimals, dates and code lists. Pure. */
export { CONVERSION_KINDS, ROUNDINGS } from './mapping.ts';
export type { CodeEntry, CodeList, Conversion, ConversionKind, ExpressionPort, Mapping, MappingRow, Operand, Rounding } from './mapping.ts';
export { MAPPING_PROBLEM_CODES } from './problem.ts';
export type { MappingProblem, MappingProblemCode } from './problem.ts';
export { mappingProblemSentence, mappingProblemText } from './texts.ts';
export type { MappingLanguage } from './texts.ts';
export { constantOf, everyRow, listsOf, mappingProblems, readMapping } from './shape.ts';
export { checkMapping } from './check.ts';
export type { CheckParts } from './check.ts';
export { suggestRows } from './suggest.ts';
export type { Suggestion } from './suggest.ts';
export { codeListId, codeListProblems } from './code-list.ts';
export { compileMapping, schemaPointer } from './run.ts';
export type { CompiledMapping, Explanation, MappingParts, MappingResult } from './run.ts';
export { exactDocument, readDocument } from './read-document.ts';
export type { ImpreciseNumber } from './read-document.ts';
