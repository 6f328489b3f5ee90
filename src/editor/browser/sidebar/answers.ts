/** Answers of the sidebar's endpoints, as src/editor/here/resting.ts makes them. */
export interface SiteAnswer {
  readonly site: string;
  readonly enterprise: string;
  readonly legalEntity: string;
  readonly state: string;
  readonly reason?: string;
  readonly console?: string;
  readonly counts?: Readonly<Record<CountName, number>>;
  readonly nodes: readonly NodeCount[];
  readonly leftBehind: readonly { readonly address: string; readonly steps: number; readonly tokens: number }[];
}

export type CountName = 'casesOpen' | 'tasksOpen' | 'exceptionsOpen' | 'deadLettersOpen' | 'quarantineHeld';

export interface NodeCount {
  readonly address: string;
  readonly nodeType: string;
  readonly editorIds: readonly string[];
  readonly steps: number;
  readonly tokens: number;
}

export interface CasesAnswer {
  readonly items: readonly {
    readonly kind: 'step' | 'token';
    readonly caseId: string;
    readonly title: string;
    readonly since: string;
    readonly waits: string;
  }[];
  readonly steps: number;
  readonly tokens: number;
  readonly oldest?: string;
}

/** Why there is no answer: signed out or not allowed, no engine in this Node-RED, the ledger cannot be read, or no connection. */
export type Silence = 'refused' | 'noEngine' | 'ledger' | 'unreachable';

const BY_STATUS: Readonly<Record<number, Silence>> = { 401: 'refused', 403: 'refused', 404: 'noEngine', 503: 'ledger' };

/**
 * Asks one endpoint. Relative to the editor's page, so that Node-RED adds its own sign-in. Never rejects: somebody who may
 * not look, and a Node-RED that is just restarting, are states of the sidebar and no errors.
 */
export function ask<T>(path: string): Promise<T | Silence> {
  return new Promise((resolve) => {
    $.ajax({ url: `waybill-editor/${path}`, dataType: 'json', timeout: 10_000 }).then(
      (answer: T) => {
        resolve(answer);
      },
      (xhr: { readonly status: number }) => {
        resolve(BY_STATUS[xhr.status] ?? 'unreachable');
      },
    );
  });
}
