/** What a status or a broken connection says of something that was asked of a controller (OPC 10000-4 §7.38.2). */
export interface Judged {
  readonly outcome: 'success' | 'transient' | 'permanent' | 'unknown';
  readonly errorClass: string;
  /** No later attempt helps before somebody mends something, for example a right. */
  readonly hopeless?: true;
}

/** Nothing was done, and later it may be. */
const NOT_NOW = new Set([
  'BadInvalidState', 'BadResourceUnavailable', 'BadTooManyOperations', 'BadTooManyPublishRequests', 'BadDeviceFailure', 'BadSensorFailure', 'BadOutOfService', 'BadNotConnected', 'BadNoCommunication',
  'BadServerHalted', 'BadShutdown', 'BadWaitingForInitialData', 'BadOutOfMemory', 'BadTcpServerTooBusy', 'BadTcpNotEnoughResources', 'BadServerNotConnected', 'BadSessionIdInvalid', 'BadSessionClosed',
  'BadSessionNotActivated', 'BadSecureChannelIdInvalid', 'BadSecureChannelTokenUnknown', 'BadTooManySessions',
]);
/** It may have been done. */
const NOBODY_KNOWS = new Set(['BadTimeout', 'BadRequestTimeout', 'BadRequestInterrupted', 'BadConnectionClosed', 'BadSecureChannelClosed', 'BadCommunicationError', 'BadInternalError', 'BadUnexpectedError', 'BadRequestCancelledByClient', 'BadRequestCancelledByRequest']);
/** Somebody has to give this client a right first. */
const NO_RIGHT = new Set(['BadUserAccessDenied', 'BadSecurityModeInsufficient', 'BadIdentityTokenRejected']);

/** `clamped` values and other uncertain successes are none: the controller did something else than it was asked. */
export function judgeStatus(status: string): Judged {
  if (status === 'Good' || (/^Good/.test(status) && status !== 'GoodClamped')) return { outcome: 'success', errorClass: status };
  if (NO_RIGHT.has(status)) return { outcome: 'transient', errorClass: status, hopeless: true };
  if (NOT_NOW.has(status)) return { outcome: 'transient', errorClass: status };
  if (NOBODY_KNOWS.has(status)) return { outcome: 'unknown', errorClass: status };
  return { outcome: 'permanent', errorClass: status };
}

/** `sent`: the request may have left. Without that, nothing was done whatever broke. */
export function judgeError(error: unknown, sent: boolean): Judged & { readonly message: string } {
  const message = error instanceof Error ? error.message : String(error);
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
  const status = /\b(Bad[A-Z][A-Za-z]+)/.exec(message)?.[1];
  if (code === 'no-session') return { outcome: 'transient', errorClass: 'not-connected', message };
  if (code === 'config') return { outcome: 'permanent', errorClass: 'config', message };
  const judged = status === undefined ? undefined : judgeStatus(status);
  if (!sent) return { outcome: 'transient', errorClass: status ?? 'connection-lost', message };
  return { outcome: judged?.outcome === 'success' || judged === undefined ? 'unknown' : judged.outcome, errorClass: status ?? 'connection-lost', message };
}
