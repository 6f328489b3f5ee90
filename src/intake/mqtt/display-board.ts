import type { JsonObject } from '../../domain/json.ts';
import { displayText, type DisplayEvent } from './display-texts.ts';
import type { FeedbackLanguage } from './feedback-texts.ts';

/** A display as an intake node describes it. */
export interface Display {
  /** `{enterprise}/{site}/{area}/{station}/display`; variables are those of the scan's topic. */
  readonly topic: string;
  readonly site: string;
  /** English by default. */
  readonly language?: FeedbackLanguage;
}

export interface DisplayMessage extends DisplayEvent {
  readonly caseId?: string;
  readonly title: string;
}

/**
 * Tells docks on their display topics what became of their scans: `{caseId, title, kind, text}`. One for each
 * connection, so that a dock is told once however many nodes take its scans. Texts that cannot be sent are dropped.
 */
export class DisplayBoard {
  readonly #publish: (topic: string, payload: string) => boolean;
  readonly #displays = new Set<Display>();

  constructor(publish: (topic: string, payload: string) => boolean) {
    this.#publish = publish;
  }

  /** Returns the function that takes it away again. */
  add(display: Display): () => void {
    this.#displays.add(display);
    return () => { this.#displays.delete(display); };
  }

  /** To the station that scanned. */
  tell(display: Display, variables: Readonly<Record<string, unknown>>, message: DisplayMessage): void {
    const topic = fillTopic(display.topic, variables);
    if (topic !== undefined) this.#publish(topic, displayPayload(message, display.language));
  }

  /** To the station where the case began; `origin` holds its topic variables. */
  tellOrigin(origin: JsonObject | undefined, message: DisplayMessage): void {
    if (origin === undefined || this.#displays.size === 0) return;
    const topics = new Map<string, FeedbackLanguage | undefined>();
    for (const display of this.#displays) {
      if (origin['site'] !== undefined && origin['site'] !== display.site) continue;
      const topic = fillTopic(display.topic, origin);
      if (topic !== undefined) topics.set(topic, display.language);
    }
    for (const [topic, language] of topics) this.#publish(topic, displayPayload(message, language));
  }
}

/** The topic with its variables filled in; undefined when one is missing or no topic level. */
export function fillTopic(pattern: string, variables: Readonly<Record<string, unknown>>): string | undefined {
  let complete = true;
  const topic = pattern.replace(/\{(\w+)\}/g, (_all, name: string) => {
    const value = variables[name];
    if (typeof value === 'string' && /^[^+#/\0]+$/.test(value)) return value;
    complete = false;
    return '';
  });
  return complete && topic !== '' ? topic : undefined;
}

function displayPayload(message: DisplayMessage, language: FeedbackLanguage | undefined): string {
  const { caseId, title, kind } = message;
  return JSON.stringify({ ...(caseId === undefined ? {} : { caseId }), title, kind, text: displayText(message, language) });
}
