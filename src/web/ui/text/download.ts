/** Offers a text as a file. The name is made safe: it may come from data. */
export function download(name: string, type: string, text: string): void {
  const link = document.createElement('a');
  const url = URL.createObjectURL(new Blob([text], { type }));
  link.href = url;
  link.download = name.replace(/[^A-Za-z0-9._-]+/g, '-').replace(/^\.+/, '');
  link.click();
  setTimeout(() => { URL.revokeObjectURL(url); }, 10_000);
}
