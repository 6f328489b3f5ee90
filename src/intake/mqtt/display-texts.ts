/** What a dock is told about a scan or its case, from the engine's progress and the intake's own outcomes. */
export interface DisplayEvent {
  readonly kind:
    | 'recorded' | 'repeat' | 'awaiting-approval' | 'approved' | 'rejected' | 'expired' | 'erp-waiting' | 'exception' | 'closed'
    | 'quarantined';
  /** Of `closed`: the case's outcome. Of `repeat`: set when the first one's case is closed. */
  readonly outcome?: string;
  readonly message?: string;
}

/** Outcomes of closed cases that are good news; what is not here is shown as it is. */
const CLOSED: Readonly<Record<string, string>> = {
  'done': 'Received',
  'received': 'Received',
  'final': 'Received, order line complete',
  'short': 'Received, less than ordered',
  'over': 'Received, more than ordered',
  'reversed': 'Taken back',
  'rejected': 'Refused: not approved',
  'expired': 'Refused: nobody decided in time',
  'cancelled': 'Refused: cancelled',
};

/** The one table of texts on dock displays. Short: a ring scanner shows about 40 characters. */
export function displayText(event: DisplayEvent): string {
  const why = event.message;
  switch (event.kind) {
    case 'recorded': return 'Recorded';
    case 'repeat': return event.outcome === undefined ? 'Already received, still in progress' : 'Already received';
    case 'awaiting-approval': return 'Recorded, waiting for approval';
    case 'approved': return 'Approved';
    case 'rejected': return `Refused: ${why ?? 'not approved'}`;
    case 'expired': return `Refused: ${why ?? 'nobody decided in time'}`;
    case 'erp-waiting': return 'Recorded, ERP waiting';
    case 'exception': return `Problem: ${why ?? 'ask the shift lead'}`;
    case 'quarantined': return `Problem: ${why ?? 'the scan cannot be read'}`;
    case 'closed': return CLOSED[event.outcome ?? 'done'] ?? `Closed: ${event.outcome ?? ''}`;
  }
}
