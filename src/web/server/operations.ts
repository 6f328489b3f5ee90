import type { Operation } from './operation.ts';
import { attachmentsResource } from './resources/attachments.ts';
import { casePauseResource } from './resources/case-pause.ts';
import { casesResource } from './resources/cases.ts';
import { changeRequestsResource } from './resources/change-requests.ts';
import { changesResource } from './resources/changes.ts';
import { circuitsResource } from './resources/circuits.ts';
import { deadLettersResource } from './resources/dead-letters.ts';
import { exceptionWorkResource } from './resources/exception-work.ts';
import { epcisResource } from './resources/epcis.ts';
import { eventReplaysResource } from './resources/event-replays.ts';
import { eventsResource } from './resources/events.ts';
import { devicesResource } from './resources/devices.ts';
import { delegationsResource } from './resources/delegations.ts';
import { exceptionsResource } from './resources/exceptions.ts';
import { governanceResource } from './resources/governance.ts';
import { handoverResource } from './resources/handover.ts';
import { insightResource } from './resources/insight.ts';
import { ledgerResource } from './resources/ledger.ts';
import { quarantineResource } from './resources/quarantine.ts';
import { notificationsResource } from './resources/notifications.ts';
import { meResource } from './resources/me.ts';
import { replaysResource } from './resources/replays.ts';
import { serviceHealthResource } from './resources/service-health.ts';
import { serviceRequestsResource } from './resources/service-requests.ts';
import { sessionResource } from './resources/session.ts';
import { sessionsResource } from './resources/sessions.ts';
import { systemResource } from './resources/system.ts';
import { templatesResource } from './resources/templates.ts';
import { tasksResource } from './resources/tasks.ts';
import { taskWorkResource } from './resources/task-work.ts';
import { tokensResource } from './resources/tokens.ts';
import { usersResource } from './resources/users.ts';

/** Every operation of API v1: routes and document are both made from this list. */
export const operations: readonly Operation[] = [
  ...changesResource, ...casesResource, ...casePauseResource, ...taskWorkResource, ...tasksResource, ...exceptionsResource, ...exceptionWorkResource, ...replaysResource, ...deadLettersResource, ...quarantineResource, ...eventsResource, ...eventReplaysResource, ...epcisResource, ...handoverResource,
  ...attachmentsResource, ...changeRequestsResource,
  ...ledgerResource, ...insightResource, ...governanceResource, ...templatesResource, ...systemResource, ...circuitsResource, ...serviceHealthResource, ...serviceRequestsResource, ...sessionResource, ...meResource, ...notificationsResource, ...sessionsResource, ...tokensResource, ...usersResource, ...delegationsResource, ...devicesResource,
];
