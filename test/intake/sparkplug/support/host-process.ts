import { defaultHostLimits, HostLink } from '../../../../src/intake/sparkplug/index.ts';

/** A host application in a process of its own, to be killed. */
const link = new HostLink({
  hostId: 'host', broker: { url: String(process.argv[2]), protocol: 5, keepaliveSeconds: 30 }, host: { reorderMs: 100, rebirth: true, limits: defaultHostLimits },
  port: { gap: () => undefined, refused: () => undefined, count: () => undefined, online: () => undefined }, clock: Date.now, log: () => undefined, retainedMs: 50,
});
link.add({ groups: [], take: () => undefined });
link.onState(({ kind }) => { process.stdout.write(`${kind}\n`); });
link.start();
