/** Where the editor asks this process. Not below `/waybill/`: that is the inbox wherever it is served beside the editor. */
export const EDITOR_PATH = '/waybill-editor';
