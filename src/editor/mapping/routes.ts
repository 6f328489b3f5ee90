import { codeListId } from '../../domain/mapping/index.ts';
import type { JsonObject } from '../../domain/json.ts';
import { canonicalContent, codeListById, contractById } from '../../engine/mapping/canonical.ts';
import { schemaOfSamples, tryMapping } from '../../engine/mapping/trial.ts';
import { EDITOR_PATH } from '../here/editor-path.ts';
import { record } from '../here/record.ts';
import type { AdminApi } from '../here/routes.ts';
import { messagesOf, textOf, trying } from '../intake/trying.ts';

const MOST_SAMPLES = 10;
const LONGEST = 262_144;

/** Serves what the form of a mapping shows: contracts and code lists, and what samples would become. Nothing is stored. */
export function mountMappingRoutes(RED: AdminApi): void {
  if (!RED.httpAdmin || RED.auth === undefined) return;
  const [mayRead, mayWrite] = [RED.auth.needsPermission('waybill.read'), RED.auth.needsPermission('waybill.write')];
  RED.httpAdmin.get(`${EDITOR_PATH}/mapping`, mayRead, (_request, response) => {
    const { contracts, lists } = canonicalContent();
    response.set('Cache-Control', 'no-store').json({
      contracts: contracts.map(({ name, version, title }) => ({ id: `${name}@${version}`, title })),
      lists: lists.map((list) => ({ id: codeListId(list), title: list.title, entries: list.entries.length })),
    });
  });
  RED.httpAdmin.get(`${EDITOR_PATH}/mapping/contract`, mayRead, (request, response) => {
    const contract = contractById(textOf(request.query['id']));
    if (contract === undefined) response.status(404).json({ message: `There is no contract ${textOf(request.query['id'])}; choose one of the list.` });
    else response.set('Cache-Control', 'no-store').json(contract.schema);
  });
  RED.httpAdmin.get(`${EDITOR_PATH}/mapping/list`, mayRead, (request, response) => {
    const list = codeListById(textOf(request.query['id']));
    if (list === undefined) response.status(404).json({ message: `There is no code list ${textOf(request.query['id'])}; choose one of the list.` });
    else response.set('Cache-Control', 'no-store').json(list);
  });
  RED.httpAdmin.post(`${EDITOR_PATH}/mapping/schema`, mayWrite, trying((body) => ({ schema: schemaOfSamples(samplesOf(body)) })));
  RED.httpAdmin.post(`${EDITOR_PATH}/mapping/try`, mayWrite, trying((body) => {
    const [source, target] = [schemaOf(body['source']), schemaOf(body['target'])];
    return tryMapping({ mapping: body['mapping'], samples: samplesOf(body), language: body['language'] === 'de' ? 'de' : 'en', ...(source === undefined ? {} : { source }), ...(target === undefined ? {} : { target }) });
  }));
}

function samplesOf(body: Readonly<Record<string, unknown>>): readonly string[] {
  const samples = messagesOf(body['samples']);
  if (samples.length > MOST_SAMPLES) throw new RangeError(`${samples.length} samples are too many to try; take ${MOST_SAMPLES} at most.`);
  if (samples.some((sample) => sample.length > LONGEST)) throw new RangeError(`A sample of more than ${LONGEST} characters is too long to try.`);
  return samples;
}

/** A schema, or the name of a contract. */
function schemaOf(value: unknown): JsonObject | undefined {
  if (typeof value === 'string') return contractById(value)?.schema;
  const schema = record(value);
  return Object.keys(schema).length === 0 ? undefined : schema as JsonObject;
}
