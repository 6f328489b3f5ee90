/** A conveyor as an OPC UA server of its own process. */
export { Conveyor, type ConveyorBook, type ConveyorOptions, type Telegram } from './conveyor.ts';
export { CONVEYOR_NAMESPACE, ConveyorServer, type ConveyorServerOptions } from './conveyor-server.ts';
export { loadServerLibrary, MissingLibrary } from './library.ts';
export { plcCommand } from './plc-command.ts';
