/** Files of other systems: folders of this machine and of SFTP servers. */
export { isFileAddress, readFileAddress } from './address.ts';
export type { FileAddress } from './address.ts';
export { folderProblem, nameFrom, readFolders } from './folders.ts';
export type { ReceivingFolders } from './folders.ts';
export { FolderStore } from './folder-store.ts';
export { SftpStore } from './sftp-store.ts';
export type { SftpSettings } from './sftp-store.ts';
export { FileTransferError, isSafeName, partName, partsOf, shownName } from './store.ts';
export type { FileEntry, FileErrorClass, FileStore } from './store.ts';
export { sendAsFile } from './transport.ts';
