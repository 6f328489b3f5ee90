/**
 * `Content-Disposition` of a file to be saved (RFC 6266). A name that came from outside loses its folders and everything that
 * a file system or a header could take for something else.
 */
export function attachment(name: string): string {
  const base = name.split(/[/\\]/).at(-1) ?? '';
  const safe = base.normalize('NFKC').replace(/[^\p{L}\p{N}._ -]/gu, '_').replace(/^\.+/, '_').slice(-120).trim() || 'file';
  const ascii = safe.replace(/[^\x20-\x7e]/g, '_');
  const extended = encodeURIComponent(safe).replace(/['()*]/g, (each) => `%${each.charCodeAt(0).toString(16).toUpperCase()}`);
  return `attachment; filename="${ascii}"${ascii === safe ? '' : `; filename*=UTF-8''${extended}`}`;
}
