import { reasonOf } from '../http-probe.ts';
import { isLoopback } from '../machine.ts';
import type { Check } from '../run-checks.ts';

const todo: Readonly<Record<string, string>> = {
  EAUTH: 'Mend the name and password in WAYBILL_MAIL_URL.',
  ETLS: 'Use smtps:// with port 465, or a server that offers STARTTLS.',
  EDNS: 'Mend the server\'s name in WAYBILL_MAIL_URL.',
};

/** The mail server: greeting, TLS and sign-in; nothing is sent. */
export const mail: Check = {
  name: 'mail', title: 'Mail',
  async run({ env }, findings) {
    const address = env['WAYBILL_MAIL_URL'] || undefined;
    if (address === undefined) {
      findings.ok('WAYBILL_MAIL_URL is not set: no mail goes out, so sign-in links and reminders reach people only by hand and in the inbox');
      return;
    }
    const url = URL.canParse(address) ? new URL(address) : undefined;
    if (url === undefined || (url.protocol !== 'smtp:' && url.protocol !== 'smtps:') || url.hostname === '') {
      findings.fail('WAYBILL_MAIL_URL is no mail server\'s address', 'Set it to smtps://name:password@mail.example.com:465 or smtp://mail.example.com:587.');
      return;
    }
    const { createTransport } = await import('nodemailer');
    // For smtp:// STARTTLS is asked for wherever a password would pass.
    const secret = url.username !== '';
    const transport = createTransport({
      host: url.hostname.replace(/^\[|\]$/g, ''), port: Number(url.port) || (url.protocol === 'smtps:' ? 465 : 587), secure: url.protocol === 'smtps:',
      requireTLS: url.protocol === 'smtp:' && secret && !isLoopback(url.hostname),
      ...(secret ? { auth: { user: decodeURIComponent(url.username), pass: decodeURIComponent(url.password) } } : {}),
      connectionTimeout: 2_500, greetingTimeout: 2_500, socketTimeout: 2_500, dnsTimeout: 2_500,
    });
    try {
      await transport.verify();
      findings.ok(`${url.protocol}//${url.host} takes mail${secret ? ' from this account' : ''}`);
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      const why = code === 'EAUTH' ? 'it refuses the name and password' : code === 'ETIMEDOUT' || code === 'ECONNECTION' || code === 'ESOCKET' ? reasonOf({ message, code: /ECONNREFUSED|ENOTFOUND|EHOSTUNREACH|CERT_HAS_EXPIRED/.exec(message)?.[0] ?? code }) : message;
      findings.fail(`${url.protocol}//${url.host}: ${why}`, todo[code ?? ''] ?? 'Start the mail server, or mend WAYBILL_MAIL_URL and the firewall.');
    } finally {
      transport.close();
    }
  },
};
