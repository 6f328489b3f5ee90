import type { DecisionTable, TableProblem } from '../../domain/decision-table/index.ts';

/** What is wrong with a table, in a sentence that says where and what to do. */
export function problemText(problem: TableProblem, table: DecisionTable): string {
  const input = problem.input === undefined ? '' : table.inputs[problem.input]?.label || table.inputs[problem.input]?.source || `condition ${problem.input + 1}`;
  const output = problem.output === undefined ? '' : table.outputs[problem.output]?.name || `answer ${problem.output + 1}`;
  const place = `Rule ${problem.rule ?? ''}, ${input || output}`;
  const reason = problem.reason ?? '';
  switch (problem.code) {
    case 'no-inputs': return 'The table asks about nothing; add a condition column.';
    case 'no-outputs': return 'The table answers nothing; add an answer column.';
    case 'no-rules': return 'The table has no rule; add one.';
    case 'cells-missing': return `Rule ${problem.rule ?? ''} has another number of cells than the table has columns.`;
    case 'rule-id-twice': return `The rule id "${problem.rule ?? ''}" is there twice or empty; give each rule its own.`;
    case 'column-without-source': return `The column ${input} does not say which fact it looks at.`;
    case 'output-without-name': return `The answer column ${output} needs a name of letters, digits and underscores.`;
    case 'output-name-twice': return `Two answer columns are called ${output}; rename one.`;
    case 'cell-unreadable': return `${place}: this cell cannot be read: ${reason}. Texts stand in quotes, ranges as [1..5].`;
    case 'cell-wrong-type': return `${place}: the column holds ${typeWord(reason)}, this cell does not.`;
    case 'value-not-listed': return `${place}: ${reason} is not among the values of the column.`;
    case 'name-unknown': return `${place}: nothing is called ${reason}.`;
    case 'cell-matches-nothing': return `${place}: no value passes this cell; turn the ends round or empty it.`;
    case 'parameter-unreadable': return `The parameter ${problem.parameter ?? ''} has a value or bound of another type.`;
    case 'parameter-out-of-bounds': return `The parameter ${problem.parameter ?? ''} is outside of its bounds; choose a value inside, or ask for other bounds.`;
    case 'parameter-name': return `"${problem.parameter ?? ''}" cannot be a parameter's name; use letters, digits and underscores.`;
    case 'parameter-twice': return `Two parameters are called ${problem.parameter ?? ''}; rename one.`;
    case 'overlap': return `Rules ${(problem.rules ?? []).join(', ')} and ${problem.rule ?? ''} both fit somewhere, but only one may; narrow one of them, or let the first that fits count.`;
    case 'gap': return `No rule fits where ${whereText(problem, table)}.`;
    case 'never-reached': return `Rule ${problem.rule ?? ''} is never reached: earlier rules take all it would; move it up or delete it.`;
    case 'not-checked': return 'Some cells are expressions, so gaps and overlaps could be looked for in part only.';
    case 'too-large-to-check': return 'The table is too large to look for all gaps.';
  }
}

function typeWord(type: string): string {
  return { number: 'numbers', decimal: 'numbers', string: 'texts (in quotes)', boolean: 'true or false', date: 'days, as date("2026-01-31")' }[type] ?? type;
}

function whereText(problem: TableProblem, table: DecisionTable): string {
  const parts = (problem.where ?? []).flatMap((text, i) => (text === '-' ? [] : [`${table.inputs[i]?.label || table.inputs[i]?.source || `condition ${i + 1}`} is ${text}`]));
  return parts.length === 0 ? 'anything is asked' : parts.join(' and ');
}
