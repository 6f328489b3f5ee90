import { accounts } from './accounts.ts';
import { ahead } from './ahead.ts';
import { away } from './away.ts';
import { changes } from './changes.ts';
import { console } from './console.ts';
import { devices } from './devices.ts';
import { events } from './events.ts';
import { exceptions } from './exceptions.ts';
import { governance } from './governance.ts';
import { handover } from './handover.ts';
import { inbox } from './inbox.ts';
import { people } from './people.ts';
import { photos } from './photos.ts';
import { replays } from './replays.ts';
import { services } from './services.ts';
import { shell } from './shell.ts';
import { tasks } from './tasks.ts';

/** Every English text. */
export const en = { ...shell, ...inbox, ...tasks, ...ahead, ...away, ...console, ...events, ...exceptions, ...handover, ...devices, ...changes, ...governance, ...accounts, ...people, ...photos, ...replays, ...services } as const;
