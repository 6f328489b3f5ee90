/** What a dock is told about a scan or its case, from the engine's progress and the intake's own outcomes. */
export interface DisplayEvent {
  readonly kind:
    | 'recorded' | 'repeat' | 'awaiting-approval' | 'approved' | 'rejected' | 'expired' | 'erp-waiting' | 'exception' | 'closed'
    | 'quarantined';
  /** Of `closed`: the case's outcome. Of `repeat`: set when the first one's case is closed. */
  readonly outcome?: string;
  readonly message?: string;
}

import type { FeedbackLanguage } from './feedback-texts.ts';

/** Outcomes of closed cases that are good news; what is not here is shown as it is. */
const CLOSED_EN: Readonly<Record<string, string>> = {
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

const CLOSED_DE: Readonly<Record<string, string>> = {
  'done': 'Vereinnahmt',
  'received': 'Vereinnahmt',
  'final': 'Vereinnahmt, Bestellposition vollständig',
  'short': 'Vereinnahmt, weniger als bestellt',
  'over': 'Vereinnahmt, mehr als bestellt',
  'reversed': 'Zurückgenommen',
  'rejected': 'Abgelehnt: nicht genehmigt',
  'expired': 'Abgelehnt: nicht rechtzeitig entschieden',
  'cancelled': 'Abgelehnt: abgebrochen',
};

/** The one table of texts on dock displays. Short: a ring scanner shows about 40 characters. */
export function displayText(event: DisplayEvent, language: FeedbackLanguage = 'en'): string {
  return language === 'de' ? german(event) : english(event);
}

function german(event: DisplayEvent): string {
  const why = event.message;
  switch (event.kind) {
    case 'recorded': return 'Erfasst';
    case 'repeat': return event.outcome === undefined ? 'Schon erfasst, noch in Arbeit' : 'Schon vereinnahmt';
    case 'awaiting-approval': return 'Erfasst, wartet auf Genehmigung';
    case 'approved': return 'Genehmigt';
    case 'rejected': return `Abgelehnt: ${why ?? 'nicht genehmigt'}`;
    case 'expired': return `Abgelehnt: ${why ?? 'nicht rechtzeitig entschieden'}`;
    case 'erp-waiting': return 'Erfasst, ERP wartet';
    case 'exception': return `Problem: ${why ?? 'die Schichtleitung fragen'}`;
    case 'quarantined': return `Problem: ${why ?? 'der Scan ist nicht lesbar'}`;
    case 'closed': return CLOSED_DE[event.outcome ?? 'done'] ?? `Geschlossen: ${event.outcome ?? ''}`;
  }
}

function english(event: DisplayEvent): string {
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
    case 'closed': return CLOSED_EN[event.outcome ?? 'done'] ?? `Closed: ${event.outcome ?? ''}`;
  }
}
