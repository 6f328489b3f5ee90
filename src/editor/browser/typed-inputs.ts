import { governedNodes } from './step-ids.ts';
import { commonText } from './texts.ts';
import { DOT_PATH, listOf } from './value-forms.ts';

/** Types that a field of ours may offer: the editor's own, `facts`, a path in the case document, and `epcis`, the EPCIS document of the case. */
export type FieldType = 'facts' | 'epcis' | 'msg' | 'str' | 'num' | 'bool' | 'json' | 'jsonata' | 'env';

interface CustomType {
  readonly value: string;
  readonly label: string;
  readonly icon?: string;
  readonly hasValue: boolean;
  readonly validate: (value: string) => boolean;
  readonly autoComplete?: (value: string) => { readonly value: string; readonly label: string }[];
  readonly expand?: (this: TypedInputWidget) => void;
}

interface TypedInputWidget {
  value(): string;
  value(text: string): void;
}

/** Turns `#node-input-<property>` into a typed input whose type is kept in `#node-input-<property>Type`. */
export function typedInput(property: string, types: readonly FieldType[]): void {
  turnInto($(`#node-input-${property}`), types, $(`#node-input-${property}Type`));
}

/** The same for an input anywhere in the dialog, for example in a row of a list; `optional`: it may stay blank, whatever its type. */
export function turnInto(input: JQuery, types: readonly FieldType[], typeField?: JQuery, optional = false): void {
  const first = types[0] ?? 'str';
  input.typedInput({
    default: first,
    types: types.map((type) => (optional ? optionalType(type) : ownType(type))),
    ...(typeField === undefined ? {} : { typeField }),
  });
}

function ownType(type: FieldType): CustomType | Exclude<FieldType, 'facts' | 'epcis'> {
  if (type === 'epcis') return { value: 'epcis', label: commonText('type.epcis'), hasValue: false, validate: () => true };
  return type === 'facts' ? factsType() : type;
}

function optionalType(type: FieldType): CustomType | Exclude<FieldType, 'facts' | 'epcis'> {
  if (type === 'jsonata') return expressionType('optional');
  if (type !== 'facts') return ownType(type);
  const facts = factsType();
  return { ...facts, validate: (text) => text.trim() === '' || facts.validate(text) };
}

/** A field that holds JSONata only, and may stay blank; brings the editor's expression dialog. */
export function expressionInput(property: string): void {
  $(`#node-input-${property}`).typedInput({ default: 'jsonata', types: [expressionType(property)] });
}

function expressionType(property: string): CustomType {
  return {
    value: 'jsonata',
    label: RED._('typedInput.type.jsonata'),
    icon: 'red/images/typedInput/expr.svg',
    hasValue: true,
    validate: (text) => text.trim() === '' || RED.utils.validateTypedProperty(text, 'jsonata', {}) === true,
    expand() {
      // The editor keeps a line break of an expression as a tab (ui/common/typedInput.js).
      RED.editor.editExpression({
        value: this.value().replace(/\t/g, '\n'),
        stateId: `waybill-${property}`,
        focus: true,
        complete: (text: string) => {
          this.value(text.replace(/\n/g, '\t'));
        },
      });
    },
  };
}

function factsType(): CustomType {
  return {
    value: 'facts',
    label: commonText('type.facts'),
    hasValue: true,
    validate: (value) => DOT_PATH.test(value),
    autoComplete: (value) => knownFacts().filter((path) => path.includes(value)).map((path) => ({ value: path, label: path })),
  };
}

// What `scan in` writes into a new case (src/intake/mqtt).
const SCAN_FACTS = ['code', 'sscc', 'gtin', 'po', 'line', 'quantity', 'lot', 'serial', 'reverse', 'baseGtin', 'baseQuantity', 'baseUnit', 'secondQuantity', 'secondUnit', 'price', 'priceCurrency'].map((field) => `scan.${field}`);

const EVENT_FACTS = ['id', 'source', 'type', 'subject', 'time', 'data'].map((field) => `event.${field}`);

/** What a file in node writes into a new case (src/engine/intake/file-in). */
const FILE_FACTS = ['file.name', 'file.sender', 'file.controlNumber', 'document'];

/** What a queue in node writes into a new case (src/engine/intake/queue-in). */
const QUEUE_FACTS = ['queue.name', 'queue.messageId', 'document'];

/** What a plc in node writes into a new case (src/intake/opcua). */
function plcFacts(node: { readonly [property: string]: unknown }): readonly string[] {
  const names = (Array.isArray(node['tags']) ? node['tags'] as readonly { readonly name?: unknown }[] : []).map(({ name }) => String(name)).filter((name) => DOT_PATH.test(name));
  if (node['mode'] === 'handshake') return ['sequence', 'handlingUnit', 'position', 'sscc', ...names].map((field) => `plc.${field}`);
  return ['trigger', 'value', 'before', ...names.map((name) => `tags.${name}`)].map((field) => `plc.${field}`);
}

/** Paths of the case document that nodes of this workspace write, to be offered while one types. */
export function knownFacts(): string[] {
  const paths = new Set<string>();
  for (const node of governedNodes()) {
    const recordAs = typeof node['recordAs'] === 'string' ? node['recordAs'] : '';
    for (const path of listOf(recordAs)) {
      paths.add(path);
      if (node['reserve'] === true) {
        ['total', 'limit', 'overBy'].forEach((field) => paths.add(`${path}.reservation.${field}`));
      }
    }
    if (node.type === 'waybill-scan-in') {
      SCAN_FACTS.forEach((path) => paths.add(path));
    }
    if (node.type === 'waybill-plc-in') {
      plcFacts(node).forEach((path) => paths.add(path));
    }
    if (node.type === 'waybill-event-in') {
      EVENT_FACTS.forEach((path) => paths.add(path));
    }
    if (node.type === 'waybill-service-in') {
      ['request', 'caller.name'].forEach((path) => paths.add(path));
    }
    if (node.type === 'waybill-file-in') {
      FILE_FACTS.forEach((path) => paths.add(path));
    }
    if (node.type === 'waybill-queue-in') {
      QUEUE_FACTS.forEach((path) => paths.add(path));
    }
  }
  return [...paths].sort();
}
