import type { ClientSession, OPCUAClientOptions } from 'node-opcua-client';

/** What the library asks whether a certificate is trusted. */
export type OpcUaCertificateStore = NonNullable<OPCUAClientOptions['clientCertificateManager']>;

export type OpcUaSecurityMode = 'none' | 'sign' | 'signAndEncrypt';
export type OpcUaSecurityPolicy = 'auto' | 'none' | 'Basic256Sha256' | 'Aes128_Sha256_RsaOaep' | 'Aes256_Sha256_RsaPss';

export type OpcUaIdentity =
  | { readonly kind: 'anonymous' }
  | { readonly kind: 'user'; readonly user: string; readonly password: string }
  /** PEM texts of a person's or machine's own certificate and its key. */
  | { readonly kind: 'certificate'; readonly certificate: string; readonly privateKey: string };

/** Certificates of this application and of the servers that it trusts. */
export interface OpcUaPki {
  /** Our own certificate and its key, PEM files; made when they are first needed. */
  own(applicationUri: string): Promise<{ readonly certificateFile: string; readonly privateKeyFile: string }>;
  /** What the client library asks whether a server's certificate is trusted. */
  store(): Promise<OpcUaCertificateStore>;
}

/** What a later process needs to go on with a session (ActivateSession on another channel, OPC 10000-4 §5.7.3). */
export interface KeptSession {
  readonly sessionId: string;
  /** Secret: whoever has it, the certificate and the user's login is this session. */
  readonly token: string;
  /** The server's last nonce and its certificate, base64. */
  readonly nonce: string;
  readonly serverCertificate: string;
  readonly timeoutMs: number;
}

/** Where the session of a connection outlives the process. */
export interface OpcUaSessionKeeper {
  /** Of an earlier process with the same settings; undefined when there is none. */
  read(): Promise<KeptSession | undefined>;
  keep(session: KeptSession): Promise<void>;
  forget(): Promise<void>;
}

export interface OpcUaConnectionOptions {
  /** `opc.tcp://host:4840/path`. */
  readonly url: string;
  readonly securityMode: OpcUaSecurityMode;
  /** `auto`: the strongest one that the server offers for the mode. */
  readonly securityPolicy: OpcUaSecurityPolicy;
  readonly identity: OpcUaIdentity;
  readonly applicationUri: string;
  readonly pki: OpcUaPki;
  /** How long the server keeps our session, with its subscriptions, while we are away, ms; a minute at least. */
  readonly sessionTimeoutMs?: number;
  /** A process that was killed is followed by one with the same session; without, the server holds the old one until its timeout. */
  readonly sessions?: OpcUaSessionKeeper;
  /** Waits between attempts to connect: from `minMs` (500), doubled up to `maxMs` (15,000; in the first minute 3,000), with full jitter. */
  readonly reconnect?: { readonly minMs: number; readonly maxMs: number };
  /** How often the server is asked for a sign of life, ms; 5,000 by default. */
  readonly watchMs?: number;
  readonly log?: (level: 'info' | 'warn', text: string) => void;
}

/** What the connection counted since it was made. */
export interface OpcUaCounters {
  readonly connects: number;
  /** Sessions that were taken up again on a new connection, with their subscriptions. */
  readonly resumed: number;
  readonly sessions: number;
  readonly lost: number;
  /** Epoch milliseconds. */
  readonly lastAt?: number;
}

export interface OpcUaSessionEvent {
  readonly session: ClientSession;
  /** `resumed`: the session from before, its subscriptions still hang on it; `new`: they do not. */
  readonly how: 'new' | 'resumed';
  /** The server was started since we last saw it. */
  readonly serverRestarted: boolean;
}

export interface OpcUaSessionListener {
  /** A session can be used. */
  onSession(event: OpcUaSessionEvent): void;
  /** It no longer can. */
  onLost?(): void;
}
