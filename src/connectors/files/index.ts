/** Files by a described layout (CSV, fixed widths), JSON files, and IDocs in XML. */
export { readFileReceive, readFileSend, readForm } from './binding.ts';
export type { FileForm, FileReceiveBinding, FileSendBinding } from './binding.ts';
export { fileDriver } from './driver.ts';
export { readIdocs, writeIdoc } from './idoc.ts';
export type { ReadIdoc } from './idoc.ts';
export { readLayout } from './layout.ts';
export type { Layout } from './layout.ts';
export { readRecords, writeRecords } from './records.ts';
