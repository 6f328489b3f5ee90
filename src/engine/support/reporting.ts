const said = new Map<string, number>();
let sink: (text: string) => void = (text) => { process.stderr.write(`[waybill] ${text}\n`); };

/** Where the engine's own warnings go; the runtime plugin points it to Node-RED's log. */
export function reportTo(target: (text: string) => void): void {
  sink = target;
}

/** Says something to the operator, the same topic at most every ten seconds. */
export function once(topic: string, text: string): void {
  const now = Date.now();
  if (now - (said.get(topic) ?? 0) < 10_000) return;
  said.set(topic, now);
  sink(text);
}
