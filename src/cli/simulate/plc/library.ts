/** The OPC UA server library. It is large and of use to the simulator alone, so the package does not bring it. */
export type OpcUaServerLibrary = typeof import('node-opcua');

/** A name that no bundler follows: what is not installed is found out when it is asked for. */
const NAME: string = 'node-opcua';

export class MissingLibrary extends Error {
  override readonly name = 'MissingLibrary';
}

/** @throws MissingLibrary, with one sentence that says what to install */
export async function loadServerLibrary(name = NAME): Promise<OpcUaServerLibrary> {
  try {
    const library = await import(name) as OpcUaServerLibrary;
    const silent = (): void => undefined;
    library.setWarningLogger(silent);
    library.setErrorLogger(silent);
    return library;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new MissingLibrary(`the conveyor is an OPC UA server and needs the package ${name}; install it beside Waybill: npm install ${name}@2`, { cause: error });
  }
}
