/** Asks axe-core what keeps people from using a page. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface AxeResult {
  readonly violations: readonly { readonly id: string; readonly help: string; readonly nodes: readonly { readonly target: readonly string[]; readonly failureSummary?: string }[] }[];
  readonly passes: readonly unknown[];
}

/** Violations of WCAG 2.2 A and AA and of axe's best practices, one line each; and how many rules passed. */
export async function axe(page: Page): Promise<{ readonly violations: readonly string[]; readonly passes: number }> {
  // Evaluated by the browser's debugger: the page's own content security policy stays as strict as it is.
  await page.evaluate(source);
  const result = await page.evaluate<AxeResult>("axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'], resultTypes: ['violations', 'passes'] })");
  return {
    violations: result.violations.flatMap(({ id, help, nodes }) => nodes.map((node) => `${id} (${help}): ${node.target.join(' ')} ${node.failureSummary?.replace(/\s+/g, ' ') ?? ''}`)),
    passes: result.passes.length,
  };
}
