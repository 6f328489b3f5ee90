export interface Device {
  readonly site: string; readonly deviceId: string; readonly state: 'active' | 'blocked' | 'retired' | 'unknown'; readonly kind: string | null; readonly name: string; readonly station: string | null;
  readonly certificate: string | null; readonly silentAfter: number | null; readonly hasKey: boolean; readonly registeredAt: string | null; readonly life: 'ok' | 'silent' | 'unknown'; readonly silentSince: string | null;
  readonly clock: 'ok' | 'ahead' | 'behind'; readonly skewSeconds: number | null;
  readonly seen: {
    readonly firstSeen: string; readonly lastSeen: string; readonly messages: number; readonly putAside: number; readonly station: string | null; readonly elsewhere: { readonly station: string; readonly at: string } | null;
    readonly connected: boolean; readonly refused: number; readonly refusedAt: string | null; readonly flood: { readonly since: string; readonly messages: number } | null;
  } | null;
}
export interface ImportedDevice { readonly line?: number; readonly deviceId: string; readonly what: 'registered' | 'changed' | 'same' | 'refused'; readonly message?: string }
export interface DeviceWatch { readonly site: string; readonly minutes: number; readonly per: 'device' | 'station'; readonly calendar: string; readonly role: string; readonly problem: string | null; readonly calendars: readonly string[] }
