import type { RequestHandler } from 'express';
import { DmnError, readDmn, writeDmn } from '../../engine/decision/dmn.ts';
import { problemText } from '../../engine/decision/problem-texts.ts';
import { readTable, tableProblems } from '../../domain/decision-table/index.ts';
import { EDITOR_PATH } from '../here/editor-path.ts';
import { record } from '../here/record.ts';
import { withStandIns } from './stand-ins.ts';

/** The part of Node-RED's runtime API that the table editor's endpoints need. Node-RED has parsed the JSON body before. */
export interface DecisionAdminApi {
  readonly httpAdmin?: { post(path: string, ...handlers: RequestHandler[]): unknown } | false;
  readonly auth?: { needsPermission(permission: string): RequestHandler };
}

/** Findings beyond these are not told: a table with more needs other help. */
const mostFindings = 50;

/** Serves what the table editor of the decision node cannot do in the browser: it reads FEEL, and DMN documents. Nothing is stored. */
export function mountDecisionRoutes(RED: DecisionAdminApi): void {
  if (!RED.httpAdmin || RED.auth === undefined) return;
  const mayWrite = RED.auth.needsPermission('waybill.write');
  RED.httpAdmin.post(`${EDITOR_PATH}/decision/check`, mayWrite, answering(({ table }) => {
    const read = withStandIns(readTable(table));
    const findings = tableProblems(read).slice(0, mostFindings).map((problem) => ({ level: problem.level, text: problemText(problem, read), rule: problem.rule, input: problem.input, output: problem.output }));
    return Promise.resolve({ findings });
  }));
  RED.httpAdmin.post(`${EDITOR_PATH}/decision/read-dmn`, mayWrite, answering(async ({ xml }) => {
    const { name, table, others, leftOut } = await readDmn(typeof xml === 'string' ? xml : '');
    const notes = [...leftOut, ...(others.length === 0 ? [] : [`The document holds further tables that were not taken over: ${others.join(', ')}.`])];
    return { name, table, notes };
  }));
  RED.httpAdmin.post(`${EDITOR_PATH}/decision/write-dmn`, mayWrite, answering(async ({ name, table }) => ({ xml: await writeDmn(typeof name === 'string' ? name : '', readTable(table)) })));
}

function answering(answer: (body: Readonly<Record<string, unknown>>) => Promise<object>): RequestHandler {
  return (request, response) => {
    // In a promise, so that what is thrown at once is answered as well.
    Promise.resolve(record(request.body)).then(answer).then(
      (result) => response.set('Cache-Control', 'no-store').json(result),
      (error: unknown) => response.status(error instanceof DmnError ? 422 : 500).json({ message: error instanceof Error ? error.message : String(error) }),
    );
  };
}
