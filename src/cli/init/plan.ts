import type { NodeRedSettings } from '../doctor/machine.ts';
import { findBlock, insertBlock, removeBlock } from './block.ts';
import { exportedObject } from './exported-object.ts';
import { adminAuthLine, gateByHand, gateLines, settingsLines } from './settings-lines.ts';
import type { GateKey, SettingsValues } from './settings-lines.ts';

/** What is to become of settings.js. */
export type Plan =
  | { readonly kind: 'change'; readonly after: string; readonly notes: readonly string[] }
  | { readonly kind: 'nothing'; readonly notes: readonly string[] }
  | { readonly kind: 'by-hand'; readonly reason: string; readonly lines: readonly string[] };

function whereTouched(lines: readonly [number, number]): string {
  return `The lines ${lines[0]} to ${lines[1]} that "waybill init" wrote have been changed since`;
}

/**
 * What adopting Waybill makes of a settings.js. What is set already stays.
 * @param loaded the settings as they load now @throws UnusualSettings
 */
export function planAdoption(source: string, loaded: NodeRedSettings, values: SettingsValues): Plan {
  const block = findBlock(source);
  if (block !== undefined && !block.untouched) {
    return { kind: 'nothing', notes: [`${whereTouched(block.lines)}, so they stay as they are.`] };
  }
  const bare = block === undefined ? source : removeBlock(source, block);
  const object = exportedObject(bare);
  const ownWaybill = object.keys.has('waybill') || (block === undefined && loaded.waybill !== undefined);
  const ownAuth = object.keys.has('adminAuth') || (block === undefined && loaded.adminAuth) || (block !== undefined && !block.content.includes(adminAuthLine) && loaded.adminAuth);
  const isTheirs = (key: GateKey): boolean => object.keys.has(key) || (loaded[key] && (block === undefined || !block.content.includes(gateLines[key])));
  const notes = [
    ...(ownWaybill ? ['"waybill" is set already and stays as it is.'] : []),
    ...(ownAuth ? [`"adminAuth" is set already and stays as it is. For Waybill's accounts in the editor, put this in its place:\n    ${adminAuthLine}`] : []),
    ...(Object.keys(gateLines) as GateKey[]).filter(isTheirs).map((key) => `"${key}" is set already and stays as it is. For the deploy gate, put this in its place:\n    ${gateByHand[key]}`),
  ];
  const gate = (Object.keys(gateLines) as GateKey[]).filter((key) => !isTheirs(key));
  const lines = settingsLines(values, { waybill: !ownWaybill, adminAuth: !ownAuth, gate });
  if (lines.length === 0) return { kind: 'nothing', notes };
  const after = insertBlock(bare, object, lines);
  return after === source ? { kind: 'nothing', notes } : { kind: 'change', after, notes };
}

/** What taking the adoption back makes of it. */
export function planUndo(source: string): Plan {
  const block = findBlock(source);
  if (block === undefined) return { kind: 'nothing', notes: ['"waybill init" has written nothing into it.'] };
  if (!block.untouched) return { kind: 'by-hand', reason: `${whereTouched(block.lines)}, so only you know what is to stay. Take them out by hand.`, lines: [] };
  return { kind: 'change', after: removeBlock(source, block), notes: [] };
}
