/** What a bench asks a measured process. `reset` begins a new span for `read`; `settle` collects garbage first and gives memory back (needs --expose-gc). */
export interface ProbeQuestion { readonly id: number; readonly ask: 'reset' | 'read' | 'settle' | 'counts' | 'metrics' | 'exceptions' | 'counter' }

export interface ProbeAnswer { readonly id: number; readonly value?: unknown; readonly error?: string }

/** Of the main thread since the last `reset`; processor time of all threads, in cores. */
export interface ProbeReading {
  readonly loopDelayMs: { readonly p50: number; readonly p99: number; readonly max: number };
  readonly cpuCores: number;
  readonly rssBytes: number;
  readonly heapUsedBytes: number;
}
