import type { RuntimeApi } from '../engine/node-red/connect.ts';

/**
 * Node-RED's runtime plugin: it is awaited before nodes load and flows start, so that the engine is
 * there first. Loaded with require(), so the engine is imported.
 */
export default async function openWaybill(RED: RuntimeApi & { httpNode?: { use(path: string, router: unknown): void } | false }): Promise<void> {
  const { openRuntime } = await import('../engine/runtime.ts');
  const waybill = await openRuntime(RED);
  const mounted = Symbol.for('waybill.web');
  const globals = globalThis as { [mounted]?: boolean };
  // `npm start` serves Waybill before Node-RED's own apps; a bare Node-RED gets it under its HTTP node root.
  if (globals[mounted] === true || !RED.httpNode) return;
  const { createWebRouter } = await import('../web/server/index.ts');
  RED.httpNode.use('/waybill', createWebRouter({ waybill: () => waybill }));
}
