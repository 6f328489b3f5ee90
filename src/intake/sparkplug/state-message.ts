/** The birth or death certificate of a host application (tck-id-host-topic-phid-birth-payload, -death-payload). */
export interface HostState {
  readonly online: boolean;
  /** Epoch milliseconds. */
  readonly timestamp: number;
}

export function stateText({ online, timestamp }: HostState): string {
  return JSON.stringify({ online, timestamp });
}

/** Undefined for what is no certificate; the text `OFFLINE` of Sparkplug 2.2 among it. */
export function readState(payload: Uint8Array): HostState | undefined {
  if (payload.length > 1_024) return undefined;
  try {
    const read = JSON.parse(Buffer.from(payload).toString('utf8')) as { readonly online?: unknown; readonly timestamp?: unknown } | null;
    const { online, timestamp } = read ?? {};
    return typeof online === 'boolean' && typeof timestamp === 'number' && timestamp >= 0 && timestamp <= 8.64e15 ? { online, timestamp } : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
