/** Loaded by nrlint's worker in the editor (`importScripts`), which takes up what it finds in `nrlint.rules`. */
import { nrlintRules } from '../../governance/gate/rules/nrlint.ts';

const worker = globalThis as unknown as { nrlint?: { readonly rules: Record<string, unknown> } };
Object.assign((worker.nrlint ??= { rules: {} }).rules, nrlintRules());
