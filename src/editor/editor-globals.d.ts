import type editorClient from '@node-red/editor-client';

declare global {
  /** The Node-RED editor's API, global in the browser only. */
  const RED: editorClient.RED;
}
