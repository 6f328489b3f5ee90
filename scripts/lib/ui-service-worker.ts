import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Plugin } from 'vite';

/** Files beside the hashed ones that the pages need without a line. */
const KEPT = ['favicon.svg', 'manifest.webmanifest', 'icons/192.png'];

/** Writes `service-worker.js`: `source` with the list of what this build of the pages consists of. */
export function serviceWorker(source: string): Plugin {
  return {
    name: 'waybill-service-worker',
    apply: 'build',
    enforce: 'post',
    generateBundle(_options, bundle) {
      const files = [...Object.keys(bundle).filter((file) => /^assets\/.*\.(?:js|css|svg)$/.test(file)).sort(), ...KEPT];
      const code = readFileSync(source, 'utf8');
      const page = bundle['index.html'];
      const content = JSON.stringify([files, code, page?.type === 'asset' ? String(page.source) : '']);
      const version = createHash('sha256').update(content).digest('hex').slice(0, 16);
      this.emitFile({ type: 'asset', fileName: 'service-worker.js', source: code.replace('__VERSION__', version).replace('__FILES__', JSON.stringify(files)) });
    },
  };
}
