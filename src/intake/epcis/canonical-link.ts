/**
 * The constrained canonical GS1 Digital Link URI of an EPC URN or of a Digital Link URI, by which the hash of an event
 * names things (CBV 2.0 §8.9; Digital Link URI Syntax 1.2 §4.11; EPC Tag Data Standard 2.0 §6.3, §7).
 */
import { withCheckDigit } from '../gs1/index.ts';
import { linkPart } from './identifiers.ts';

const RESOLVER = 'https://id.gs1.org';

/** Undefined for what is neither. */
export function canonicalLink(uri: string): string | undefined {
  return uri.startsWith('urn:epc:') ? fromUrn(uri) : fromLink(uri);
}

const URN = /^urn:epc:(id|class|idpat):([a-z]+):(\d{6,12})\.([^.]*)(?:\.(.*))?$/;

function fromUrn(urn: string): string | undefined {
  const match = URN.exec(urn);
  if (match === null) return undefined;
  const [, kind, scheme = '', prefix = '', reference = '', rest] = match;
  const serial = rest === undefined ? undefined : linkPart(unescaped(rest));
  const pattern = kind === 'idpat' && (rest === '*' || rest?.endsWith('.*') === true);
  const digits = prefix + reference;
  // the indicator or extension digit stands before the company prefix in the key, behind it in the URN
  const item = (): string => withCheckDigit(reference.charAt(0) + prefix + reference.slice(1));
  const made = ((): string | undefined => {
    switch (scheme) {
      case 'sgtin': return pattern ? `01/${item()}` : `01/${item()}/21/${serial ?? ''}`;
      case 'lgtin': return `01/${item()}/10/${serial ?? ''}`;
      case 'upui': return `01/${item()}/235/${serial ?? ''}`;
      case 'sscc': return `00/${item()}`;
      case 'sgln': return rest === '0' ? `414/${withCheckDigit(digits)}` : `414/${withCheckDigit(digits)}/254/${serial ?? ''}`;
      case 'pgln': return `417/${withCheckDigit(digits)}`;
      case 'grai': return `8003/0${withCheckDigit(digits)}${pattern ? '' : serial ?? ''}`;
      case 'gdti': return `253/${withCheckDigit(digits)}${pattern ? '' : serial ?? ''}`;
      case 'sgcn': return `255/${withCheckDigit(digits)}${pattern ? '' : serial ?? ''}`;
      case 'giai': return `8004/${prefix}${linkPart(unescaped(reference))}`;
      case 'gsrn': return `8018/${withCheckDigit(digits)}`;
      case 'gsrnp': return `8017/${withCheckDigit(digits)}`;
      case 'gsin': return `402/${withCheckDigit(digits)}`;
      case 'ginc': return `401/${prefix}${linkPart(unescaped(reference))}`;
      case 'cpi': return `8010/${prefix}${linkPart(unescaped(reference))}${pattern ? '' : `/8011/${serial ?? ''}`}`;
      case 'itip': {
        const [piece = '', total = '', ...ending] = (rest ?? '').split('.');
        return `8006/${item()}${piece}${total}${pattern ? '' : `/21/${linkPart(unescaped(ending.join('.')))}`}`;
      }
      default: return undefined;
    }
  })();
  return made === undefined ? undefined : `${RESOLVER}/${made}`;
}

function unescaped(text: string): string {
  return text.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
}

/** Primary keys in their short names, which Digital Link knew before 1.2. */
const SHORT_NAMES: Readonly<Record<string, string>> = {
  gtin: '01', itip: '8006', cpid: '8010', gln: '414', party: '417', gsrnp: '8017', gsrn: '8018', gcn: '255', sscc: '00', gdti: '253', ginc: '401', gsin: '402', grai: '8003', giai: '8004',
  lot: '10', ser: '21',
};
/** Per key: what its value looks like, and the qualifiers of which the first that is there stays. */
const KEYS: Readonly<Record<string, { readonly form: RegExp; readonly finest: readonly string[] }>> = {
  '00': { form: /^\d{18}$/, finest: [] },
  '01': { form: /^(?:\d{8}|\d{12,14})$/, finest: ['21', '10', '235'] },
  '253': { form: /^\d{13}/, finest: [] },
  '255': { form: /^\d{13}/, finest: [] },
  '401': { form: /^\d{4}/, finest: [] },
  '402': { form: /^\d{17}$/, finest: [] },
  '414': { form: /^\d{13}$/, finest: ['254'] },
  '417': { form: /^\d{13}$/, finest: [] },
  '8003': { form: /^\d{14}/, finest: [] },
  '8004': { form: /^\d{4}/, finest: [] },
  '8006': { form: /^\d{18}$/, finest: ['21', '10'] },
  '8010': { form: /^\d{4}/, finest: ['8011'] },
  '8017': { form: /^\d{18}$/, finest: [] },
  '8018': { form: /^\d{18}$/, finest: [] },
};

function fromLink(uri: string): string | undefined {
  const match = /^https?:\/\/[^/?#]+(\/[^?#]*)/.exec(uri);
  if (match === null) return undefined;
  const segments = (match[1] as string).split('/').slice(1).map((segment) => SHORT_NAMES[segment] ?? segment);
  const at = segments.findIndex((segment, index) => KEYS[segment]?.form.test(segments[index + 1] ?? '') === true);
  if (at < 0) return undefined;
  const ai = segments[at] as string;
  const key = segments[at + 1] as string;
  const qualifiers = new Map<string, string>();
  for (let i = at + 2; i + 1 < segments.length; i += 2) qualifiers.set(segments[i] as string, segments[i + 1] as string);
  const finest = KEYS[ai]?.finest.find((qualifier) => qualifiers.has(qualifier));
  return `${RESOLVER}/${ai}/${ai === '01' ? key.padStart(14, '0') : key}${finest === undefined ? '' : `/${finest}/${qualifiers.get(finest) ?? ''}`}`;
}
