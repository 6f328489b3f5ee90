import { turnInto } from '../../../src/editor/browser/typed-inputs.ts';
import type { Branch } from '../migrations.ts';

/** A row as the editor keeps it: with the output that it had when the dialog was opened. */
interface Row extends Partial<Branch> {
  readonly was?: number;
}

const NAME = '.waybill-branch-name';
const CONDITION = '.waybill-branch-condition';

/** Texts of the rows. */
export interface BranchTexts {
  readonly name: string;
  readonly condition: string;
}

/** The list of branches in the dialog, which sets the node's outputs as rows come, go and move. */
export class BranchList {
  readonly #list: JQuery;
  readonly #outputs: JQuery;
  readonly #hasNone: () => boolean;
  /** Output "none" when the dialog was opened. */
  readonly #noneWas: number | undefined;
  readonly #was: number;

  constructor(list: JQuery, outputs: JQuery, branches: readonly Branch[], texts: BranchTexts, hasNone: () => boolean) {
    this.#list = list;
    this.#outputs = outputs;
    this.#hasNone = hasNone;
    this.#was = branches.length;
    this.#noneWas = hasNone() ? branches.length : undefined;
    list.css({ 'min-height': '80px' }).editableList<Row>({
      height: 'auto',
      removable: true,
      sortable: true,
      addItem: (row, _index, data) => {
        addRow(row, data, texts);
        this.update();
      },
      removeItem: () => {
        this.update();
      },
      sortItems: () => {
        this.update();
      },
    });
    branches.forEach((branch, was) => {
      list.editableList('addItem', { ...branch, was } as Row);
    });
    this.update();
  }

  /** The branches as they stand. */
  branches(): Branch[] {
    return this.#rows().map((row) => {
      const condition = row.find(CONDITION);
      return { name: String(row.find(NAME).val() ?? '').trim(), condition: condition.typedInput('value').trim(), conditionType: String(condition.typedInput('type')) };
    });
  }

  #rows(): JQuery[] {
    return this.#list.editableList('items').toArray().map((row) => $(row));
  }

  /** Where each output goes: the editor moves the wires with it. An old output that is gone is -1, a new one has a key that is no number. */
  update(): void {
    const moved: Record<string, number> = {};
    for (let was = 0; was < this.#was; was += 1) {
      moved[was] = -1;
    }
    if (this.#noneWas !== undefined) {
      moved[this.#noneWas] = -1;
    }
    const rows = this.#rows();
    rows.forEach((row, now) => {
      const { was } = (row.data('data') ?? {}) as Row;
      moved[was ?? `new-${now}`] = now;
    });
    if (this.#hasNone()) {
      moved[this.#noneWas ?? 'none'] = rows.length;
    }
    this.#outputs.val(JSON.stringify(moved));
  }
}

function addRow(row: JQuery, data: Row, texts: BranchTexts): void {
  row.addClass('waybill-pair');
  $('<input type="text" maxlength="40">').addClass(NAME.slice(1)).attr({ placeholder: texts.name, 'aria-label': texts.name }).val(data.name ?? '').appendTo(row);
  const cell = $('<div>').addClass('waybill-pair-cell').appendTo(row);
  const condition = $('<input type="text" style="width: 100%">').addClass(CONDITION.slice(1)).attr({ placeholder: texts.condition, 'aria-label': texts.condition }).val(data.condition ?? '').appendTo(cell);
  turnInto(condition, ['jsonata', 'facts', 'msg'], undefined, true);
  condition.typedInput('type', data.conditionType ?? 'jsonata');
}
