import type { Texts } from '../../../src/editor/browser/texts.ts';
import { ENVIRONMENT_VARIABLE } from '../../../src/editor/browser/value-forms.ts';
import type { Parameter, Table } from '../migrations.ts';

const NAME = /^[A-Za-z_][A-Za-z0-9_]{0,63}$/;

/** What the editor can say by itself; cells are read by the server, which knows FEEL. */
export function tableMistake(table: Table, text: Texts): string | undefined {
  if (table.inputs.length === 0) return text('error.noInputs');
  if (table.outputs.length === 0) return text('error.noOutputs');
  if (table.rules.length === 0) return text('error.noRules');
  const without = table.inputs.findIndex(({ source }) => source.trim() === '');
  if (without >= 0) return text('error.source', { column: table.inputs[without]?.label || String(without + 1) });
  const unnamed = table.outputs.findIndex(({ name }) => !NAME.test(name));
  if (unnamed >= 0) return text('error.answerName', { column: String(unnamed + 1) });
  return table.parameters.map((parameter) => parameterMistake(parameter, text)).find((each) => each !== undefined);
}

function parameterMistake({ name, type, value, min, max }: Parameter, text: Texts): string | undefined {
  if (!NAME.test(name)) return text('error.parameterName', { name });
  // A variable is filled in when the flows start; the node judges its value then.
  if ((type !== 'number' && type !== 'decimal') || ENVIRONMENT_VARIABLE.test(value.trim())) return undefined;
  if (value.trim() === '' || !Number.isFinite(Number(value))) return text('error.parameterNumber', { name });
  const outside = (min !== '' && Number(value) < Number(min)) || (max !== '' && Number(value) > Number(max));
  return outside ? text('error.parameterBounds', { name, min: min || '−∞', max: max || '∞' }) : undefined;
}
