/**
 * What a mapping is and what is wrong with one, the same in the editor and in the engine. By file: the way by the index would
 * bring the time zones of the run into the editor.
 */
export { checkMapping } from '../../../domain/mapping/check.ts';
export { constantFault } from '../../../domain/mapping/constant.ts';
export { CONVERSION_KINDS, ROUNDINGS } from '../../../domain/mapping/mapping.ts';
export type { Conversion, ConversionKind, Mapping, MappingRow, Operand } from '../../../domain/mapping/mapping.ts';
export type { MappingProblem } from '../../../domain/mapping/problem.ts';
export { constantOf, mappingProblems } from '../../../domain/mapping/shape.ts';
export { suggestRows } from '../../../domain/mapping/suggest.ts';
export { mappingProblemText } from '../../../domain/mapping/texts.ts';
export { NAMED_FORMATS } from '../../../domain/mapping/date-format.ts';
export { currencyCodes } from '../../../domain/contract/currencies.ts';
export { ANY_ENTRY, fieldAt, isNeeded, schemaField } from '../../../domain/contract/schema-field.ts';
export type { SchemaField } from '../../../domain/contract/schema-field.ts';
export { UNITS } from '../../../domain/contract/units.ts';
