import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';

/** A mail as a server received it. */
export interface ReceivedMail {
  readonly from: string; readonly to: readonly string[];
  readonly raw: string;
  /** Unfolded header lines by lower-case name. */
  readonly headers: ReadonlyMap<string, readonly string[]>;
  /** Decoded parts by media type. */
  readonly parts: ReadonlyMap<string, string>;
}

/** What the sink answers to a recipient: undefined takes it. */
export type Verdict = { readonly code: number; readonly message: string } | undefined;

/** A real mail server that keeps what it gets. */
export class MailSink {
  readonly mails: ReceivedMail[] = [];
  readonly #server: SMTPServer;
  judge: (to: string) => Verdict = () => undefined;
  /** Called when a mail is here and its sender has not been answered yet. */
  received: (nth: number) => void = () => undefined;
  /** Names and passwords that clients gave. */
  readonly signedIn: string[] = [];

  private constructor(login: { readonly user: string; readonly password: string } | undefined) {
    this.#server = new SMTPServer({
      disabledCommands: login === undefined ? ['STARTTLS', 'AUTH'] : ['STARTTLS'], logger: false, closeTimeout: 100, allowInsecureAuth: true, authOptional: login === undefined,
      onAuth: (auth, _session, callback) => {
        this.signedIn.push(`${auth.username ?? ''}:${auth.password ?? ''}`);
        if (auth.username === login?.user && auth.password === login?.password) callback(null, { user: auth.username });
        else callback(Object.assign(new Error('authentication failed'), { responseCode: 535 }));
      },
      onRcptTo: (address, _session, callback) => {
        const verdict = this.judge(address.address);
        callback(verdict === undefined ? null : Object.assign(new Error(verdict.message), { responseCode: verdict.code }));
      },
      onData: (stream, session, callback) => {
        const chunks: Buffer[] = [];
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        stream.on('end', () => {
          const from = session.envelope.mailFrom === false ? '' : session.envelope.mailFrom.address;
          this.mails.push(readMail(from, session.envelope.rcptTo.map(({ address }) => address), Buffer.concat(chunks).toString('latin1')));
          this.received(this.mails.length);
          callback();
        });
      },
    });
    // A client that goes away in the middle is no failure of the sink.
    this.#server.on('error', () => undefined);
  }

  static async start(options: { readonly port?: number; readonly login?: { readonly user: string; readonly password: string } } = {}): Promise<MailSink> {
    const sink = new MailSink(options.login);
    await new Promise<void>((resolve) => { sink.#server.listen(options.port ?? 0, '127.0.0.1', resolve); });
    return sink;
  }

  get port(): number {
    return (this.#server.server.address() as AddressInfo).port;
  }
  get url(): string {
    return `smtp://127.0.0.1:${this.port}`;
  }

  to(address: string): readonly ReceivedMail[] {
    return this.mails.filter((mail) => mail.to.includes(address));
  }

  async stop(): Promise<void> {
    await new Promise<void>((resolve) => { this.#server.close(resolve); });
  }
}

/** Headers up to the empty line, unfolded (RFC 5322 §2.2.3). */
function headersOf(head: string): Map<string, string[]> {
  const headers = new Map<string, string[]>();
  for (const line of head.replace(/\r\n[ \t]+/g, ' ').split('\r\n')) {
    const at = line.indexOf(':');
    const name = line.slice(0, at).toLowerCase();
    headers.set(name, [...headers.get(name) ?? [], decodeWords(line.slice(at + 1).trim())]);
  }
  return headers;
}

/** Encoded words (RFC 2047), those that stand side by side put together. */
function decodeWords(text: string): string {
  return text.replace(/\?=\s+=\?/g, '?==?').replace(/(?:=\?utf-8\?[bq]\?[^?]*\?=)+/gi, (words) => {
    const bytes = [...words.matchAll(/=\?utf-8\?([bq])\?([^?]*)\?=/gi)].map(([, kind = '', value = '']) => (kind.toLowerCase() === 'b' ? Buffer.from(value, 'base64') : fromQuotedPrintable(value.replaceAll('_', ' '))));
    return Buffer.concat(bytes).toString('utf8');
  });
}

function fromQuotedPrintable(text: string): Buffer {
  return Buffer.from(text.replace(/=\r\n/g, '').replace(/=([0-9A-F]{2})/gi, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))), 'latin1');
}

function readMail(from: string, to: readonly string[], raw: string): ReceivedMail {
  const end = raw.indexOf('\r\n\r\n');
  const headers = headersOf(raw.slice(0, end));
  const parts = new Map<string, string>();
  const boundary = /boundary="([^"]+)"/.exec(headers.get('content-type')?.[0] ?? '')?.[1];
  for (const part of boundary === undefined ? [raw] : raw.slice(end + 4).split(`--${boundary}`).slice(1, -1)) {
    const cut = part.indexOf('\r\n\r\n');
    const own = headersOf(part.slice(0, cut).trim());
    const body = part.slice(cut + 4);
    const encoding = own.get('content-transfer-encoding')?.[0]?.toLowerCase();
    const bytes = encoding === 'base64' ? Buffer.from(body, 'base64') : encoding === 'quoted-printable' ? fromQuotedPrintable(body) : Buffer.from(body, 'latin1');
    parts.set((own.get('content-type')?.[0] ?? 'text/plain').split(';')[0] ?? '', bytes.toString('utf8').replaceAll('\r\n', '\n'));
  }
  return { from, to, raw, headers, parts };
}
