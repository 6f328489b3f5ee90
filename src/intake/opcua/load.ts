import { OpcUaIntakeError } from './errors.ts';

/** The OPC UA client library: large, so nobody loads it who has no OPC UA endpoint. Everything else imports its types only. */
export type OpcUaLibrary = typeof import('node-opcua-client');

let loading: Promise<OpcUaLibrary> | undefined;

/** Loads the library on first use, once for the process. */
export function loadOpcUa(): Promise<OpcUaLibrary> {
  loading ??= import('node-opcua-client').then(quiet, (error: unknown) => {
    loading = undefined;
    throw new OpcUaIntakeError('library', `The OPC UA client library cannot be loaded (${error instanceof Error ? error.message : String(error)}); install the package again.`, { cause: error });
  });
  return loading;
}

/** What goes wrong is said by us, once and in one sentence; the library says it in many lines on standard output. */
function quiet(library: OpcUaLibrary): OpcUaLibrary {
  const silent = (): void => undefined;
  library.setWarningLogger(silent);
  library.setErrorLogger(silent);
  return library;
}
