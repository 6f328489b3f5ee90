/** Sign-in and accounts, in English. `{name}` is filled in; `{one, other}` is chosen by the number `n` (CLDR plural rules). */
export const accounts = {
  'signIn.title': 'Sign in',
  'signIn.name': 'Name',
  'signIn.password': 'Password',
  'signIn.show': 'Show password',
  'signIn.submit': 'Sign in',
  'signIn.sending': 'Signing in…',
  'signIn.failed': 'The name or the password is wrong.',
  'signIn.wait': 'Too many attempts. Try again in {seconds} s.',
  'signIn.offline': 'The server does not answer. Check the connection and try again.',
  'signIn.help': 'No account? An administrator makes one with “waybill user add”.',
  'signIn.lead': 'Decide what waits for you, and see what happened to every case.',
} as const;
