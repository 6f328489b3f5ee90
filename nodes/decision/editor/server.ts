import type { Table } from '../migrations.ts';

/** What the server found in a table, in sentences. */
export interface Finding { readonly level: 'error' | 'warning'; readonly text: string; readonly rule?: string; readonly input?: number; readonly output?: number }

async function post<T>(path: string, body: object): Promise<T> {
  return new Promise((resolve, reject) => {
    $.ajax({
      url: `waybill-editor/decision/${path}`, method: 'POST', contentType: 'application/json', data: JSON.stringify(body), dataType: 'json',
      success: (answer: T) => { resolve(answer); },
      error: (xhr) => {
        const said = (xhr.responseJSON as { message?: unknown } | undefined)?.message;
        reject(new Error(typeof said === 'string' ? said : `${xhr.status} ${xhr.statusText}`));
      },
    });
  });
}

export async function checkTable(table: Table): Promise<readonly Finding[]> {
  return (await post<{ readonly findings: readonly Finding[] }>('check', { table })).findings;
}

export async function readDmn(xml: string): Promise<{ readonly name: string; readonly table: Table; readonly notes: readonly string[] }> {
  return post('read-dmn', { xml });
}

export async function writeDmn(name: string, table: Table): Promise<string> {
  return (await post<{ readonly xml: string }>('write-dmn', { name, table })).xml;
}
