import type { FeedbackKind } from './feedback-texts.ts';

/** `json`: any device that reads JSON. `proglove`: LED, sound and vibration. `proglove-display`: the text on a MARK Display besides. */
export const FEEDBACK_FORMATS = ['json', 'proglove', 'proglove-display'] as const;
export type FeedbackFormat = (typeof FEEDBACK_FORMATS)[number];

/** What is to be told, in no device's words. */
export interface Feedback {
  readonly kind: FeedbackKind;
  readonly text: string;
  readonly title: string;
  readonly caseId?: string;
  readonly device?: string;
}

/** `command` is what a topic may name: ProGlove's gateway listens on a topic for each. */
export interface FeedbackMessage {
  readonly command: string;
  readonly payload: string;
}

export interface FeedbackStamp {
  /** Epoch milliseconds. */
  readonly now: number;
  readonly uuid: () => string;
}

/** Feedback that comes later than this means another scan by then. */
export const FEEDBACK_LIFE_MS = 5_000;

const LED: Readonly<Record<FeedbackKind, string>> = { good: 'green', bad: 'red', wait: 'yellow' };
const BEEP: Readonly<Record<FeedbackKind, string>> = { good: 'short', bad: 'long', wait: 'none' };
/** https://docs.proglove.com/en/worker-feedback-command.html */
const ACTION: Readonly<Record<FeedbackKind, string>> = { good: 'FEEDBACK_POSITIVE', bad: 'FEEDBACK_NEGATIVE', wait: 'FEEDBACK_SPECIAL_YELLOW' };
/** One field: C confirms, E is an error, I informs (https://docs.proglove.com/en/screen-templates.html). */
const TEMPLATE: Readonly<Record<FeedbackKind, string>> = { good: 'PG1C', bad: 'PG1E', wait: 'PG1I' };

/** The messages that tell it; none where the device cannot be addressed. */
export function feedbackMessages(format: FeedbackFormat, feedback: Feedback, stamp: FeedbackStamp): readonly FeedbackMessage[] {
  const { kind, text, title, caseId, device } = feedback;
  if (format === 'json') {
    return [{ command: 'feedback', payload: JSON.stringify({ kind, led: LED[kind], beep: BEEP[kind], text, title, ...(device === undefined ? {} : { device }), ...(caseId === undefined ? {} : { caseId }) }) }];
  }
  if (device === undefined) return []; // a gateway has many scanners
  const head = (type: string, version: string): object => ({ api_version: version, event_type: type, event_id: stamp.uuid(), time_created: stamp.now, device_serial: device });
  const signal = { command: 'feedback!', payload: ascii({ ...head('feedback!', '1.1'), feedback_action_id: ACTION[kind], event_time_to_live_duration: FEEDBACK_LIFE_MS }) };
  if (format === 'proglove') return [signal];
  const display = {
    ...head('display!', '1.0'), time_validity_duration: kind === 'wait' ? 0 : FEEDBACK_LIFE_MS, display_template_id: TEMPLATE[kind], display_refresh_type: 'DEFAULT',
    display_fields: [{ display_field_id: 1, display_field_header: title.slice(0, 40), display_field_text: text.slice(0, 80) }],
  };
  return [signal, { command: 'display!', payload: ascii(display) }];
}

/** ProGlove: "All non-ASCII characters must be represented as Unicode code points". */
function ascii(value: object): string {
  return JSON.stringify(value).replace(/[\u0080-\uffff]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
