import { hash } from 'node:crypto';

/** An id as Node-RED makes them, 16 hex digits, that is the same for the same text: `waybillId('<id>@<version>')` is the id of a block's subflow. */
export function waybillId(text: string): string {
  return hash('sha256', text, 'hex').slice(0, 16);
}

/** Whether Node-RED has made this id (now, or before version 2: `1a2b3c4d.5e6f7a`). What people write by hand may be a word that stands elsewhere as a value. */
export function isGeneratedId(id: string): boolean {
  return /^(?:[0-9a-f]{16}|[0-9a-f]{1,8}\.[0-9a-f]{1,14})$/.test(id);
}
