import type { DecisionTable, Parameter } from '../../domain/decision-table/index.ts';

/** `${NAME}`, which Node-RED fills in from the environment of tab, group or instance when the flows start. */
const VARIABLE = /^\$[{(][A-Za-z_]\w*[)}]$/;

const anyOf: Readonly<Record<Parameter['type'], string>> = { number: '0', decimal: '0', string: '"-"', boolean: 'false', date: '2000-01-01' };

/**
 * The table as it can be looked at before flows start: a parameter that stands for a variable has a value inside its
 * bounds, for its own is not known yet. What the deployed value does is judged when the flow starts.
 */
export function withStandIns(table: DecisionTable): DecisionTable {
  return {
    ...table,
    parameters: table.parameters.map((parameter) => (VARIABLE.test(parameter.value.trim())
      ? { ...parameter, value: parameter.min || parameter.max || anyOf[parameter.type] } : parameter)),
  };
}
