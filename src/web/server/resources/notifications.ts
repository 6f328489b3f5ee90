import type { NoticePreference } from '../../../ledger/notices-port.ts';
import { operation, type Services } from '../operation.ts';
import { problem } from '../problems.ts';
import { choice, nullable, object } from '../schemas.ts';

const preference = {
  mail: { type: 'boolean', description: 'False: no mails.' },
  everyMinutes: { type: 'integer', minimum: 1, maximum: 1440, description: 'Mails are collected for so long at least; 1 is nearly at once.' },
  language: choice('en', 'de'),
} as const;
const shown = object({
  ...preference,
  address: nullable({ type: 'string', description: 'Mail address of the account.' }),
  available: { type: 'boolean', description: 'False: this instance sends no mails.' },
});

function view({ waybill }: Services, userId: string, email: string | undefined): object {
  const port = waybill.notifications;
  if (port === undefined) throw problem('engine-not-ready', waybill.reason);
  return { ...port.preference(userId), address: email ?? null, available: port.mail };
}

export const getNotifications = operation({
  id: 'getMyNotifications', method: 'get', path: '/me/notifications', tag: 'Session', access: 'signed-in', summary: 'How the caller is told',
  success: { status: 200, description: 'The wishes, with what they mean here.', schema: shown },
  handle: ({ services }, caller) => Promise.resolve({ status: 200, json: view(services, caller.user.id, caller.user.email) }),
});

export const setNotifications = operation<object, object, NoticePreference>({
  id: 'setMyNotifications', method: 'put', path: '/me/notifications', tag: 'Session', access: 'signed-in', summary: 'Say how the caller wants to be told',
  body: object(preference),
  success: { status: 200, description: 'The wishes as they are now.', schema: shown },
  handle: ({ body, services }, caller) => {
    const port = services.waybill.notifications;
    if (port === undefined) throw problem('engine-not-ready', services.waybill.reason);
    port.setPreference(caller.user.id, body);
    return Promise.resolve({ status: 200, json: view(services, caller.user.id, caller.user.email) });
  },
});

export const notificationsResource = [getNotifications, setNotifications];
