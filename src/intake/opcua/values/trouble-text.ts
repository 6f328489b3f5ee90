import type { TriggerTrouble } from '../triggers/index.ts';

/** What a person is told of a value that a trigger cannot use. */
export function troubleText({ trigger, tag, code, expected, got }: TriggerTrouble): string {
  switch (code) {
    case 'not-a-number': return `The tag "${tag}" is ${got}, no number; the event "${trigger}" waits for one.`;
    case 'type-changed': return `The tag "${tag}" changed its type from ${expected} to ${got} while running; the event "${trigger}" goes on with ${got}.`;
    case 'type': return `The tag "${tag}" is of type ${got}, and the event "${trigger}" needs ${expected}; choose another tag, or another kind of event.`;
  }
}
