import type { CaseCommand, IssuedToken, JsonObject, ReservationClaim, ScanFacts } from '../domain/index.ts';
import type { Condition } from '../ledger/port.ts';
import type { OpenCaseInput, OpenCaseResult, RepeatInput } from './api.ts';
import type { CaseExecutor, Transaction } from './case-executor.ts';
import type { Delivery } from './delivery.ts';
import { nowhere, raiseNotWired } from './not-wired.ts';
import type { Operator, Operators } from './operators.ts';
import type { StepRegistry } from './step-registry.ts';
import type { Pseudonyms } from './support/hashing.ts';
import { hashJson } from './support/hashing.ts';
import { encodeMessage } from './support/message-codec.ts';
import { uuidv7 } from './support/ids.ts';

const transportScope = 'transport';
/** A message in quarantine is admitted once. */
export const quarantineScope = 'quarantine';

/** Opens cases from intake: one commit for the case, its scan, its reservations and its first tokens (PROTOCOL §4). */
export class Opening {
  readonly #executor: CaseExecutor;
  readonly #delivery: Delivery;
  readonly #registry: StepRegistry;
  readonly #pseudonyms: Pseudonyms;
  readonly #operators: Operators;

  constructor(options: { readonly executor: CaseExecutor; readonly delivery: Delivery; readonly registry: StepRegistry; readonly pseudonyms: Pseudonyms; readonly operators: Operators }) {
    this.#executor = options.executor;
    this.#delivery = options.delivery;
    this.#registry = options.registry;
    this.#pseudonyms = options.pseudonyms;
    this.#operators = options.operators;
  }

  async openCase(input: OpenCaseInput): Promise<OpenCaseResult> {
    const transport = input.transportId === undefined ? undefined
      : this.transportClaim(input.site, input.transportId);
    const unique = input.unique === undefined ? undefined
      : this.#claim(input.unique.scope, `${input.site}\0${input.unique.key}`);
    const admission = input.admission === undefined ? undefined
      : this.#claim(quarantineScope, admissionKey(input.admission));
    const operator = input.operatorPseudonym === undefined ? await this.#operators.resolve(input.operator) : { pseudonym: input.operatorPseudonym, unknown: false };
    const scan = scanFacts(input, transport, operator, admission);
    const caseId = input.caseId ?? uuidv7();
    const transaction = this.#transaction(input);
    const tokens = this.#tokens(input);
    const result = await this.#executor.executeNew(caseId, {
      ...transaction,
      commands: () => [this.#command(input, caseId, scan, tokens, unique), ...tokens.filter((t) => t.target === nowhere).map((t) => raiseNotWired(input.step.address, 0, input.step.node.name, { tokenId: t.tokenId }))],
      conditions: () => [admission, transport, unique].filter((c) => c !== undefined).map((c): Condition => ({ kind: 'free', ...c })),
    });
    if (result.kind === 'accepted') {
      if (this.#delivery.hasRoom()) this.#executor.keep(result.state);
      this.#delivery.offer(result.state, tokens.map((t) => t.tokenId));
      return { kind: 'opened', caseId };
    }
    if (result.kind === 'refused' && result.code === 'case-exists') return { kind: 'opened', caseId };
    if (result.kind !== 'reserved') throw new Error(`a new case was refused: ${JSON.stringify(result.kind)}`);
    if (result.scope === transportScope || result.scope === quarantineScope) return { kind: 'duplicate', caseId: result.holder };
    return this.#repeat(result.holder, scan, [admission, transport].filter((c) => c !== undefined), transaction);
  }

  /** Evidence that something came again; false when this very thing was recorded before. */
  async recordRepeat({ caseId, site, transportId, device, scan }: RepeatInput): Promise<boolean> {
    const transport = this.transportClaim(site, transportId);
    const result = await this.#executor.execute(caseId, {
      actor: { kind: 'device', id: device }, site,
      commands: () => [{ type: 'RecordScan', scan: { ...scan, deviceId: device, operatorUnknown: false, possibleDuplicate: false, transport } }],
      conditions: () => [{ kind: 'free', ...transport }],
    });
    if (result.kind !== 'accepted' && result.kind !== 'reserved') throw new Error(`a repeat was refused: ${result.kind}`);
    return result.kind === 'accepted';
  }

  /** The business key is held: the scan is evidence on the case that holds it. */
  async #repeat(holder: string, scan: ScanFacts, claims: readonly ReservationClaim[], transaction: Omit<Transaction, 'commands'>): Promise<OpenCaseResult> {
    const result = await this.#executor.execute(holder, {
      ...transaction,
      commands: () => [{ type: 'RecordScan', scan }],
      conditions: () => claims.map((claim): Condition => ({ kind: 'free', ...claim })),
    });
    if (result.kind === 'reserved') return { kind: 'duplicate', caseId: result.holder };
    if (result.kind !== 'accepted') throw new Error(`a repeated scan was refused: ${result.kind}`);
    return { kind: 'repeat', caseId: holder, closed: result.state.status === 'closed' };
  }

  /** Claim of what a sender calls a message, so that it is taken once at a site. */
  transportClaim(site: string, transportId: string): ReservationClaim {
    return this.#claim(transportScope, `${site}\0${transportId}`);
  }

  #claim(scope: string, key: string): ReservationClaim {
    return { keyHash: this.#pseudonyms.reservation(scope, key), scope };
  }

  #transaction(input: OpenCaseInput): Omit<Transaction, 'commands'> {
    return {
      actor: input.admission === undefined ? { kind: 'device', id: input.device ?? 'unknown' } : { kind: 'person', id: input.admission.by },
      site: input.site,
      ...(input.occurredAt === undefined ? {} : { occurredAt: input.occurredAt, clockSource: 'device' as const }),
      ...(input.parentCaseId === undefined ? {} : { parentCaseId: input.parentCaseId }),
    };
  }

  #tokens(input: OpenCaseInput): readonly IssuedToken[] {
    const targets = input.step.node.wires?.[0] ?? [];
    // A case that leads nowhere is seen at once, and its token goes on by a retry when the output is wired.
    return (targets.length === 0 ? [nowhere] : targets).map((target, wire) => ({ port: 0, target, tokenId: uuidv7(), wire }));
  }

  #command(input: OpenCaseInput, caseId: string, scan: ScanFacts, tokens: readonly IssuedToken[], unique: ReservationClaim | undefined): CaseCommand {
    const message: JsonObject = { payload: input.message.payload, ...(input.message.topic === undefined ? {} : { topic: input.message.topic }) };
    return {
      type: 'OpenCase', caseId, process: input.process, template: input.template, title: input.title, eligible: true, test: false,
      possibleDuplicate: scan.possibleDuplicate, configHash: this.#registry.configHash(), keys: input.keys, document: input.document, documentHash: hashJson(input.document),
      reservations: unique === undefined ? [] : [unique], scan,
      operators: scan.operator === undefined ? [] : [scan.operator], operatorUnknown: scan.operatorUnknown,
      address: input.step.address, runId: caseId, nodeType: input.step.node.type, tokens,
      messages: { '0': encodeMessage(message) },
    };
  }
}

function scanFacts(input: OpenCaseInput, transport: ReservationClaim | undefined, operator: Operator, claim: ReservationClaim | undefined): ScanFacts {
  return {
    operatorUnknown: operator.unknown, possibleDuplicate: transport === undefined || input.possibleDuplicate === true,
    ...(operator.pseudonym === undefined ? {} : { operator: operator.pseudonym }),
    ...(input.operator === undefined ? {} : { operatorName: input.operator }),
    ...(input.device === undefined ? {} : { deviceId: input.device }),
    ...(transport === undefined ? {} : { transport }),
    ...(input.admission === undefined || claim === undefined ? {} : admitted(input.admission, claim)),
    ...(input.scan?.kind === undefined ? {} : { kind: input.scan.kind }),
    ...(input.scan?.skewSeconds === undefined ? {} : { skewSeconds: input.scan.skewSeconds }),
    code: input.scan?.code ?? '',
    ...(input.scan?.topic === undefined ? {} : { topic: input.scan.topic }),
    ...(input.scan?.raw === undefined ? {} : { raw: input.scan.raw }),
    ...(input.scan?.fields === undefined ? {} : { fields: input.scan.fields }),
  };
}

/** The first case of a document claims the document, further ones their part of it. */
function admissionKey({ quarantineId, part }: NonNullable<OpenCaseInput['admission']>): string {
  return part === undefined ? quarantineId : `${quarantineId}\0${part}`;
}

function admitted({ quarantineId, originalSha256, by, edited, reason, name, part }: NonNullable<OpenCaseInput['admission']>, claim: ReservationClaim): Pick<ScanFacts, 'admission' | 'admissionReason' | 'admittedByName'> {
  return { admission: { quarantineId, originalSha256, by, edited, claim, ...(part === undefined ? {} : { part }) }, admissionReason: reason, admittedByName: name };
}
