/**
 * A path inside the app to go on to after a sign-in; `/` for everything else. Never another server: what a
 * browser could read as an authority (`//`, `/\`), and characters that it drops on the way, are refused.
 */
export function inAppPath(text: string | undefined): string {
  if (text === undefined || text.length > 2_000 || !/^\/(?![/\\])[\x21-\x5b\x5d-\x7e]*$/.test(text)) return '/';
  const url = new URL(text, 'http://app.invalid');
  if (url.origin !== 'http://app.invalid' || /^\/(?:api\/|sign-in\b|sign-out\b)/.test(url.pathname) || url.pathname.startsWith('//')) return '/';
  return `${url.pathname}${url.search}${url.hash}`;
}
