/** How long the browser has to leave, in ms. */
const LEAVING_MS = 15_000;

type Login = (options: object, done: () => void) => void;

/**
 * Who signs out is sent on to the provider, so that its session ends as well. Meanwhile the editor's web socket is closed, and
 * Node-RED would send the browser to the sign-in page, which may come first: the provider's session would stay. So that waits.
 */
export function leaveInPeace(): void {
  RED.events.on('logout', () => {
    const user = (RED as unknown as { readonly user: { login: Login } }).user;
    const { login } = user;
    user.login = (options, done) => { window.setTimeout(() => { login(options, done); }, LEAVING_MS); };
  });
}
