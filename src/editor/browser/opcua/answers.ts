/** What the server side says to the forms of OPC UA nodes; src/editor/intake/opcua-routes.ts makes it. */

/** An endpoint as the form has it. */
export interface FormEndpoint {
  readonly id: string;
  readonly name: string;
  readonly url: string;
  readonly securityMode: string;
  readonly securityPolicy: string;
  readonly identity: string;
  readonly userCertificate: string;
  readonly user: string;
  /** `__PWRD__` where nobody touched it. */
  readonly password: string;
}

export interface Offer { readonly securityMode: string; readonly securityPolicy: string; readonly signIns: readonly string[]; readonly unusable?: string }

export interface Discovered {
  readonly url: string;
  readonly server: {
    readonly name: string; readonly applicationUri: string; readonly productUri: string; readonly offers: readonly Offer[];
    readonly otherAddresses: readonly string[]; readonly others: readonly { readonly name: string; readonly urls: readonly string[] }[];
  };
  readonly verdict?: Verdict;
}

export interface Certificate {
  readonly thumbprint: string; readonly fingerprint: string; readonly subject: string; readonly issuer: string; readonly validFrom: string; readonly validTo: string; readonly selfSigned: boolean;
  readonly keyType: string; readonly keyBits: number; readonly applicationUri: string; readonly hostNames: readonly string[];
}

export interface Verdict {
  readonly address: string; readonly certificate: Certificate; readonly trusted: boolean;
  readonly because: 'pinned' | 'issuer' | 'unknown' | 'changed' | 'problem'; readonly problems: readonly string[]; readonly trustedAt?: string;
}

export interface Live {
  readonly running: boolean;
  readonly now: number;
  readonly url?: string;
  readonly state?: { readonly kind: string; readonly reason?: string };
  readonly counters?: { readonly connects: number; readonly resumed: number; readonly sessions: number; readonly lost: number; readonly lastAt?: number };
  readonly lastProblem?: { readonly at: number; readonly reason: string };
  readonly clockSkewMs?: number;
  readonly verdict?: Verdict;
}

export interface Own { readonly applicationUri: string; readonly certificate: Certificate; readonly next?: { readonly certificate: Certificate; readonly from: string } }

export interface TreeNode {
  readonly nodeId: string; readonly name: string; readonly kind: 'object' | 'variable' | 'method'; readonly property: boolean; readonly hasChildren: boolean;
  readonly dataType?: string; readonly access?: { readonly read: boolean; readonly write: boolean; readonly history: boolean }; readonly events?: boolean;
}

export interface NodeDetail {
  readonly nodeId: string; readonly name: string; readonly kind: TreeNode['kind']; readonly description: string; readonly dataType?: string;
  readonly access?: TreeNode['access']; readonly value?: ReadValue; readonly euRange?: { readonly low: number; readonly high: number }; readonly unit?: string;
  readonly enumTexts?: readonly string[]; readonly arguments?: readonly { readonly name: string; readonly dataType: string }[]; readonly events?: boolean;
}

export interface ReadValue { readonly nodeId: string; readonly text: string; readonly status: string; readonly at?: string }

export interface EventTypeView { readonly nodeId: string; readonly name: string; readonly path: readonly string[]; readonly condition: boolean; readonly abstract: boolean }

export interface Found { readonly nodeId: string; readonly path: readonly string[]; readonly way: readonly string[]; readonly kind: TreeNode['kind'] }

/** What could not be done, in the words of the server side; with the certificate where trust would mend it. */
export class AnswerError extends Error {
  readonly verdict: Verdict | undefined;
  constructor(message: string, verdict: Verdict | undefined) {
    super(message);
    this.name = 'AnswerError';
    this.verdict = verdict;
  }
}

export const askState = (node: string): Promise<Live> => ask('state', { data: { node }, timeout: 5_000 });
export const askOwn = (): Promise<Own> => ask('own', {});
export const askDiscovery = (endpoint: FormEndpoint): Promise<Discovered> => post('discover', { endpoint });
export const askChildren = (endpoint: FormEndpoint, nodeId: string): Promise<{ readonly nodes: readonly TreeNode[]; readonly more: boolean }> => post('children', { endpoint, nodeId });
export const askDetail = (endpoint: FormEndpoint, nodeId: string): Promise<NodeDetail> => post('describe', { endpoint, nodeId });
export const askEventTypes = (endpoint: FormEndpoint): Promise<{ readonly types: readonly EventTypeView[]; readonly complete: boolean }> => post('event-types', { endpoint });
export const askSearch = (endpoint: FormEndpoint, text: string): Promise<{ readonly found: readonly Found[]; readonly complete: boolean; readonly looked: number }> => post('search', { endpoint, text });
export const askValues = async (endpoint: FormEndpoint, nodeIds: readonly string[]): Promise<readonly ReadValue[]> => (await post<{ readonly values: readonly ReadValue[] }>('values', { endpoint, nodeIds })).values;
export const trust = (url: string, thumbprint: string, accepted: readonly string[]): Promise<{ readonly verdict: Verdict }> => post('trust', { url, thumbprint, accepted });
export const withdraw = (url: string, thumbprint: string): Promise<{ readonly withdrawn: boolean }> => post('withdraw', { url, thumbprint });

function post<T>(path: string, body: object): Promise<T> {
  return ask<T>(path, { method: 'POST', contentType: 'application/json', data: JSON.stringify(body) });
}

function ask<T>(path: string, settings: JQuery.AjaxSettings): Promise<T> {
  return new Promise((resolve, reject) => {
    $.ajax({
      url: `waybill-editor/opcua/${path}`, dataType: 'json', timeout: 25_000, ...settings,
      success: (answer: T) => { resolve(answer); },
      error: (xhr) => {
        const { message, verdict } = (xhr.responseJSON ?? {}) as { readonly message?: unknown; readonly verdict?: Verdict };
        reject(new AnswerError(typeof message === 'string' ? message : xhr.status === 401 || xhr.status === 403 ? 'forbidden' : '', verdict));
      },
    });
  });
}
