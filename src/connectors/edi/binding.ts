import type { JsonObject } from '../../domain/json.ts';
import { isObject } from '../../domain/json.ts';
import { folderProblem, nameFrom, readFolders } from '../file-transfer/folders.ts';
import type { ReceivingFolders } from '../file-transfer/folders.ts';
import { mapFor, messageMaps } from './maps.ts';
import type { EdiStandard } from './types.ts';

export interface EdiParty { readonly id: string; readonly qualifier: string }

/** What both directions of an EDI operation say. */
interface Common {
  readonly standard: EdiStandard;
  readonly sender: EdiParty;
  readonly receiver: EdiParty;
}

/** `binding` of an operation that writes: one message to one partner. */
export interface SendBinding extends Common {
  /** `850` or `ORDERS`. */
  readonly message: string;
  /** `004010` or `D.96A`. */
  readonly release: string;
  readonly usage: 'test' | 'production';
  /** Application codes of the group (GS02, GS03); those of the interchange when blank. */
  readonly groupSender: string;
  readonly groupReceiver: string;
  /** EDIFACT: UNB S001, and the association's code of UNH. */
  readonly syntax: string;
  readonly syntaxVersion: string;
  readonly association: string;
  readonly acknowledgementRequested: boolean;
  readonly newline: '' | '\n' | '\r\n';
  /** Over a folder or SFTP: where, under which name, and where the partner moves what it has taken. */
  readonly folder: string;
  readonly name: string;
  readonly archives: readonly string[];
  /** Over HTTP. */
  readonly path: string;
  readonly contentType: string;
}

/** `binding` of an operation that reads: what a partner brings. */
export interface ReceiveBinding extends Common {
  readonly folders: ReceivingFolders;
  /** Messages that are taken; none: every one that there is a map for. Acknowledgements are always taken. */
  readonly messages: readonly string[];
  /** A case for each message, or one for a whole interchange. */
  readonly per: 'message' | 'interchange';
  /** How it is answered, and where the answer goes. */
  readonly acknowledge: { readonly by: 'none' | '997' | '999' | 'CONTRL'; readonly folder: string; readonly name: string };
}

export interface BindingProblem { readonly at: string; readonly message: string }

/** Two interchanges between the same two never have the same number: where numbers of a pair are counted. */
export function sequenceName(standard: EdiStandard, from: EdiParty, to: EdiParty): string {
  return `${standard} ${partyName(from)}>${partyName(to)}`;
}

/** As `controlNumberKey` names a party. */
export function partyName({ id, qualifier }: EdiParty): string {
  return qualifier === '' ? id : `${qualifier}:${id}`;
}

/** How far numbers go before they begin again: ISA13 has nine digits; of UNB 0020 as many are used. */
export const lastNumber = 999_999_999;

/** The event by which an acknowledgement is told, and under which key: who acknowledges, and which number. */
export const acknowledgementEvent = 'edi-acknowledgement';
export function acknowledgementKey(standard: EdiStandard, partner: string, number: string): string {
  return `${standard} ${partner} ${number.replace(/^0+(?=.)/, '')}`;
}

export function readSendBinding(binding: JsonObject): { readonly binding: SendBinding; readonly problems: readonly BindingProblem[] } {
  const { common, problems } = readCommon(binding);
  const wrong = (at: string, message: string): void => { problems.push({ at, message }); };
  const { standard } = common;
  const message = text(binding['message']);
  const map = mapFor(standard, message);
  if (map === undefined) wrong('/message', `There is no map for ${standard} ${message === '' ? 'without a message type' : message}; write one of ${messageMaps.filter((each) => each.standard === standard).map((each) => each.message).join(', ')}.`);
  const release = text(binding['release']) || (standard === 'x12' ? '004010' : 'D.96A');
  if (map !== undefined && !map.releases.some((each) => release.startsWith(each))) wrong('/release', `The map of ${message} is made for ${map.releases.join(', ')}, and this is "${release}".`);
  const read: SendBinding = {
    ...common, message, release, usage: binding['usage'] === 'test' ? 'test' : 'production',
    groupSender: text(binding['groupSender']), groupReceiver: text(binding['groupReceiver']),
    syntax: text(binding['syntax']) || 'UNOC', syntaxVersion: text(binding['syntaxVersion']) || '3', association: text(binding['association']),
    acknowledgementRequested: binding['acknowledgementRequested'] === true, newline: newlineOf(binding['newline']),
    folder: text(binding['folder']) || '/out', name: text(binding['name']) || '{message}-{controlNumber}.edi', archives: texts(binding['archives']),
    path: text(binding['path']) || '/', contentType: text(binding['contentType']) || (standard === 'x12' ? 'application/edi-x12' : 'application/edifact'),
  };
  for (const [at, folder] of [['/folder', read.folder], ...read.archives.map((folder, i) => [`/archives/${i}`, folder] as const)] as const) {
    const problem = folderProblem(folder);
    if (problem !== undefined) wrong(at, problem);
  }
  const named = nameFrom(read.name, { message, controlNumber: '000000001', sender: 'a', receiver: 'b' });
  if (!read.name.includes('{controlNumber}')) wrong('/name', 'The name needs {controlNumber}: by it a file is known again after a crash.');
  else if (named === undefined) wrong('/name', `"${read.name}" gives no usable name; use letters, digits, dots and dashes, {message}, {controlNumber}, {sender} and {receiver}.`);
  if (!/^\/[^\s?#]*$/.test(read.path)) wrong('/path', 'The path has to begin with a slash; it is below the system\'s address.');
  return { binding: read, problems };
}

export function readReceiveBinding(binding: JsonObject): { readonly binding: ReceiveBinding; readonly problems: readonly BindingProblem[] } {
  const { common, problems } = readCommon(binding);
  const { folders, problems: inFolders } = readFolders(binding);
  problems.push(...inFolders);
  const given = isObject(binding['acknowledge']) ? binding['acknowledge'] : {};
  const by = text(given['by']) || (common.standard === 'x12' ? '997' : 'CONTRL');
  const known = common.standard === 'x12' ? ['none', '997', '999'] : ['none', 'CONTRL'];
  if (!known.includes(by)) problems.push({ at: '/acknowledge/by', message: `${common.standard === 'x12' ? 'X12' : 'EDIFACT'} is acknowledged by ${known.slice(1).join(' or ')}, or "none"; this is "${by}".` });
  const acknowledge = { by: by as ReceiveBinding['acknowledge']['by'], folder: text(given['folder']) || '/out', name: text(given['name']) || '{message}-{controlNumber}.edi' };
  const folder = folderProblem(acknowledge.folder);
  if (folder !== undefined) problems.push({ at: '/acknowledge/folder', message: folder });
  if (!acknowledge.name.includes('{controlNumber}') || nameFrom(acknowledge.name, { message: by, controlNumber: '1', sender: 'a', receiver: 'b' }) === undefined) problems.push({ at: '/acknowledge/name', message: 'The name of an acknowledgement needs {controlNumber}, and letters, digits, dots and dashes besides.' });
  const per = binding['per'] === 'interchange' ? 'interchange' : 'message';
  return { binding: { ...common, folders, messages: texts(binding['messages']), per, acknowledge }, problems };
}

function readCommon(binding: JsonObject): { readonly common: Common; readonly problems: BindingProblem[] } {
  const problems: BindingProblem[] = [];
  const standard = binding['standard'] === 'edifact' ? 'edifact' : 'x12';
  if (binding['standard'] !== 'x12' && binding['standard'] !== 'edifact') problems.push({ at: '/standard', message: 'Say "standard": "x12" or "edifact".' });
  const party = (name: 'sender' | 'receiver'): EdiParty => {
    const given = isObject(binding[name]) ? binding[name] : {};
    const id = text(given['id']);
    if (id === '' || id.length > (standard === 'x12' ? 15 : 35)) problems.push({ at: `/${name}/id`, message: `The ${name} needs an "id" of at most ${standard === 'x12' ? 15 : 35} characters, as both partners know it.` });
    return { id, qualifier: text(given['qualifier']) || (standard === 'x12' ? 'ZZ' : '') };
  };
  return { common: { standard, sender: party('sender'), receiver: party('receiver') }, problems };
}

function newlineOf(value: unknown): SendBinding['newline'] {
  return value === '\n' || value === '\r\n' ? value : '';
}

function text(value: unknown): string {
  return typeof value === 'string' ? value.trim() : '';
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? (value as readonly unknown[]).map(text).filter((each) => each !== '') : [];
}
