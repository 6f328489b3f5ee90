import type { Texts } from '../texts.ts';
import { silenceInWords } from './answers.ts';
import type { Silent } from './answers.ts';
import { chooseConfigs, typesToChoose } from './choose-configs.ts';
import { mayPlace, nodesToPlace, place } from './placing.ts';
import type { Store } from './store.ts';
import { allNodes, reveal } from './workspace.ts';

function say(text: Texts, silent: Silent): void {
  // The editor shows what it is given as HTML.
  RED.notify($('<span>').text(silenceInWords(silent, text)) as never, 'error');
}

/** Shows what a row is about, or says that it is not there any more. */
export function revealOrSay(text: Texts, id: string): void {
  if (!reveal(id)) {
    RED.notify(text('findings.gone'), 'warning');
  }
}

/** Puts a version into the workspace; which config nodes it uses is asked where the site has several. */
export async function insertTemplate(store: Store, text: Texts, id: string, version: string, chosen?: ReadonlyMap<string, string>): Promise<void> {
  if (!mayPlace()) {
    RED.notify(text('templates.locked'), 'warning');
    return;
  }
  const asked = await nodesToPlace(id, version, chosen);
  if ('silence' in asked) {
    say(text, asked);
    return;
  }
  const types = chosen === undefined && asked.answer.kind === 'flow' ? typesToChoose(asked.answer) : [];
  if (types.length > 0) {
    chooseConfigs(text, types, (configs) => { void insertTemplate(store, text, id, version, configs); });
    return;
  }
  const placed = place(asked.answer);
  if (placed !== undefined) {
    reveal(placed);
  }
  void store.judgeInstalled();
}

/** Has the workspace judged as it is now. */
export async function checkWorkspace(store: Store, text: Texts): Promise<void> {
  const asked = await store.check(allNodes());
  if ('silence' in asked) {
    say(text, asked);
  }
}
