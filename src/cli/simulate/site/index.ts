/** A day of one or more sites: profiles, the seeded plan, its way over MQTT, and the book that is compared with the ledger. */
export { checkCommand, readTally } from './check-command.ts';
export { compare, type CheckRow } from './check.ts';
export { dayCommand } from './day-command.ts';
export { lineCutsOf } from './fleet.ts';
export { sitePlan, type PlanOptions } from './plan.ts';
export { checked, profileNames, profileSchema, ProfileError, readProfile, type Profile } from './profile.ts';
export { SiteRunner } from './runner.ts';
export type { SiteEvent } from './site-event.ts';
export { Tally, type LedgerTally, type TallyFile } from './tally.ts';
