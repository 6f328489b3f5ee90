/** A URL for people: without user, password, query and fragment. What is no URL is shown as such, not as it is. */
export function shownUrl(text: string): string {
  try {
    const url = new URL(text);
    return `${url.protocol}//${url.host}${url.pathname === '/' ? '' : url.pathname}`;
  } catch (error) {
    if (error instanceof TypeError) return 'something that is no URL';
    throw error;
  }
}

const secretName = /PASSWORD|PASSWD|SECRET|TOKEN|CREDENTIAL|API_?KEY/;

/**
 * Makes a function that takes secrets out of any text: values of environment variables that are named like
 * one, and user names' passwords in addresses, as they are and as URLs write them. Errors of libraries
 * repeat what they were given; this is the last step before anything is printed.
 */
export function redactor(env: NodeJS.ProcessEnv, addresses: readonly (string | undefined)[]): (text: string) => string {
  const secrets = new Set<string>();
  for (const [name, value] of Object.entries(env)) if (secretName.test(name) && value !== undefined) secrets.add(value);
  for (const address of [...addresses, ...Object.values(env)]) {
    const password = /^[a-z][a-z0-9+.-]*:\/\/[^/\s:@]*:([^/\s@]+)@/i.exec(address ?? '')?.[1];
    if (password === undefined) continue;
    secrets.add(password);
    try {
      secrets.add(decodeURIComponent(password));
    } catch (error) {
      // Not percent-encoded after all: it stands as it is.
      if (!(error instanceof URIError)) throw error;
    }
  }
  const known = [...secrets].filter((secret) => secret.length >= 3).sort((a, b) => b.length - a.length);
  return (text) => known.reduce((rest, secret) => rest.replaceAll(secret, '•••'), text);
}
