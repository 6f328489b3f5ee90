import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { bundleEditorScript } from './bundle.ts';
import type { BuiltFile } from './bundle.ts';
import { listFiles, listFolders } from './files.ts';
import { readForm } from './form-parts.ts';
import { DIST, ROOT } from './paths.ts';

/**
 * What Node-RED reads beside `dist/nodes/<node>/<node>.js`: the page with the edit form and the
 * editor script, and the locales.
 *
 * Sources of a node `approval`, whose type is `waybill-approval`:
 * - `nodes/approval/editor.ts`: calls `RED.nodes.registerType('waybill-approval', …)`
 * - `nodes/approval/form.html`: the content of the edit dialog; rows that many forms have are in `src/editor/form-parts`
 * - `nodes/approval/locales/<lang>/approval.html` (or `.md`): help, with or without its script tag
 * - `nodes/approval/locales/<lang>/approval.json`: message catalogue
 *
 * The page's name and the script tags follow @node-red/registry/lib/loader.js: the template is the
 * node's file with `.html` (loadNodeConfig), types are read from `data-template-name`
 * (loadNodeTemplate), help per language from `locales/<lang>/<page>` (loadNodeHelp).
 */
export async function assembleNode(name: string): Promise<BuiltFile[]> {
  const source = path.join(ROOT, 'nodes', name);
  const target = path.join(DIST, 'nodes', name);
  return [
    { path: path.join(target, `${name}.html`), contents: Buffer.from(await page(source, name)) },
    ...locales(source, target, name),
  ];
}

/** The page of a plugin that has a part in the browser. */
export async function assemblePluginPage(source: string): Promise<string> {
  return script(await bundleEditorScript(source));
}

async function page(source: string, name: string): Promise<string> {
  const editor = path.join(source, 'editor.ts');
  const form = path.join(source, 'form.html');
  for (const needed of [editor, form]) {
    if (!existsSync(needed)) {
      throw new Error(`node ${name} lacks ${path.relative(ROOT, needed)}`);
    }
  }
  const type = `waybill-${name}`;
  const code = await bundleEditorScript(editor);
  if (!/registerType\(\s*["']/.test(code)) {
    throw new Error(`nodes/${name}/editor.ts must call RED.nodes.registerType with a literal type`);
  }
  return `${script(code)}\n${template('text/html', 'data-template-name', type, readForm(form))}`;
}

function locales(source: string, target: string, name: string): BuiltFile[] {
  const root = path.join(source, 'locales');
  return listFolders(root).flatMap((language) =>
    listFiles(path.join(root, language)).map((file) => {
      const extension = path.extname(file);
      const base = path.basename(file, extension);
      const text = readFileSync(file, 'utf8');
      if (extension === '.json') {
        JSON.parse(text);
        return { path: path.join(target, 'locales', language, `${base}.json`), contents: Buffer.from(text) };
      }
      return { path: path.join(target, 'locales', language, `${base}.html`), contents: Buffer.from(help(text, extension, name)) };
    }),
  );
}

function help(text: string, extension: string, name: string): string {
  if (text.includes('data-help-name')) {
    return text;
  }
  return template(extension === '.md' ? 'text/markdown' : 'text/html', 'data-help-name', `waybill-${name}`, text);
}

function script(code: string): string {
  return `<script type="text/javascript">\n${code}</script>\n`;
}

function template(type: string, attribute: string, name: string, content: string): string {
  return `<script type="${type}" ${attribute}="${name}">\n${content.trimEnd()}\n</script>\n`;
}
