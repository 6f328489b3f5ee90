/** PEM text of bytes (RFC 7468). */
export function pemOf(label: string, der: Uint8Array): string {
  const lines = Buffer.from(der).toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}

/** The bytes of the first PEM block in a file, or the file itself where it holds no PEM. */
export function derOf(file: Uint8Array): Buffer {
  const inner = /-----BEGIN [^-]{1,40}-----([^-]*)-----END /.exec(Buffer.from(file).toString('latin1'))?.[1];
  return inner === undefined ? Buffer.from(file) : Buffer.from(inner, 'base64');
}
