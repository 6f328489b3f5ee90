/** Flows of the benches: the smallest that do what a figure says. */

const TAB = 'be1c000000000001';
const SITE = 'be1c000000000002';
const BROKER = 'be1c000000000003';
const ENDPOINT = 'be1c000000000004';

/** @param stallSeconds how long a token may be with plain nodes before it becomes an exception */
function frame(stallSeconds = 60): readonly object[] {
  return [
    { id: TAB, type: 'tab', label: 'bench', disabled: false, env: [] },
    { id: SITE, type: 'waybill-site', name: 'bench', siteId: 'dc-1', enterprise: 'acme', legalEntity: 'ACME GmbH', timeZone: 'Europe/Berlin', stallSeconds, hopLimit: 100, configVersion: 1 },
    { id: BROKER, type: 'waybill-broker', name: '', url: '', clientId: '', sessionExpirySeconds: 604_800, configVersion: 1 },
  ];
}

function node(id: string, type: string, wires: readonly (readonly string[])[], config: object): object {
  return { id, type, z: TAB, name: '', x: 0, y: 0, wires, ...config };
}

function scanIn(to: string, id = 'scan', station = '{station}'): object {
  return node(id, 'waybill-scan-in', [[to]], {
    stepId: id, requires: '', site: SITE, broker: BROKER, pattern: `{enterprise}/{site}/{area}/${station}/scan`, preset: 'auto', pointers: {}, fnc1: '',
    maxBytes: 65_536, operatorRequired: false, process: 'procure-to-pay', template: 'bench@1.0.0', uniqueScope: 'receiving', displayTopic: '', configVersion: 1,
  });
}

function close(): object {
  return node('close', 'waybill-case-close', [], { stepId: 'close', requires: '', outcome: 'received', outcomeType: 'str', cancelOpen: false, configVersion: 1 });
}

/** scan in → function that keeps the message: durable cases and nothing behind them. The close, which nothing reaches, is what the deploy gate asks for. */
export function intakeOnlyFlow(): readonly object[] {
  return [...frame(86_400), scanIn('plain'), close(), node('plain', 'function', [['close']], { func: 'return null;', outputs: 1, timeout: 0, noerr: 0, initialize: '', finalize: '', libs: [] })];
}

/** The same, and every scanner is answered to the response topic of its message. */
export function feedbackFlow(): readonly object[] {
  return intakeOnlyFlow().map((each) => ((each as { readonly type: string }).type === 'waybill-scan-in' ? { ...each, feedback: 'json' } : each));
}

/** scan in → case close. */
export function intakeCloseFlow(): readonly object[] {
  return [...frame(), scanIn('close'), close()];
}

/** plc in → case close: a case for each time that a tag rises above the limit. */
export function plcFlow(url: string, tags: readonly { readonly name: string; readonly nodeId: string }[], limit: number): readonly object[] {
  return [
    ...frame(), close(),
    { id: ENDPOINT, type: 'waybill-opcua-endpoint', name: 'line', url, securityMode: 'none', securityPolicy: 'none', identity: 'anonymous', userCertificate: '', outageSeconds: 300, configVersion: 1 },
    node('plc', 'waybill-plc-in', [['close']], {
      stepId: 'plc', requires: '', site: SITE, endpoint: ENDPOINT, device: '', mode: 'values', tags: tags.map((tag) => ({ ...tag, samplingMs: 0 })),
      triggers: tags.map(({ name }) => ({ name, kind: 'above', tag: name, limit })), title: '', keyTag: '', keyType: '', uniqueScope: '',
      process: 'inventory-movement', template: 'bench@1.0.0', publishingMs: 250, outageSeconds: 0, configVersion: 1,
    }),
  ];
}

/** scan in → approval that a person has to decide. */
export function approvalFlow(): readonly object[] {
  return [...frame(), scanIn('approval'), approval(), close()];
}

/** Scans of dock-1 are closed at once, those of dock-2 become tasks. */
export function decisionsFlow(): readonly object[] {
  return [...frame(), scanIn('close', 'scan', 'dock-1'), scanIn('approval', 'scan-2', 'dock-2'), approval(), close()];
}

function approval(): object {
  return node('approval', 'waybill-approval', [['close'], ['close'], ['close'], ['close']], {
    stepId: 'approval', requires: '', question: 'Accept this handling unit?', questionType: 'str', role: 'receiving-supervisor', quorum: 1, covers: 'scan', autoApprove: '',
    ruleId: 'bench', deadline: 30, deadlineUnit: 'days', onExpiry: 'reject', unknownOperatorRole: 'site-manager', milestone: 'approved', matrix: [], configVersion: 1,
  });
}

/** scan in → validate, with a reservation on the order line → call, a goods receipt at the ERP → case close. */
export function straightThroughFlow(): readonly object[] {
  const schema = {
    $schema: 'https://json-schema.org/draft/2020-12/schema', type: 'object', required: ['po', 'line', 'gtin', 'quantity'],
    properties: { po: { type: 'string', minLength: 1 }, line: { type: 'string', minLength: 1 }, gtin: { type: 'string', pattern: '^[0-9]{14}$' }, quantity: { type: 'string', pattern: '^[0-9]{1,12}$' } },
  };
  return [
    ...frame(), scanIn('validate'),
    node('validate', 'waybill-validate', [['call'], []], {
      stepId: 'validate', requires: '', contract: 'goods-receipt@1', schema: JSON.stringify(schema), subject: 'scan', subjectType: 'facts', record: false, recordAs: '',
      reserve: true, reserveScope: 'po-line', reserveKey: '$facts.scan.po & "/" & $facts.scan.line', reserveKeyType: 'jsonata', reserveQuantity: '$facts.scan.quantity',
      reserveQuantityType: 'jsonata', reserveLimit: '1000000', reserveLimitType: 'str', milestone: 'validated', configVersion: 1,
    }),
    node('call', 'waybill-call', [['close'], []], {
      stepId: 'post', requires: 'validated', system: 'erp', service: 'goods-receipts@1', operation: 'goods-receipts', method: 'POST',
      url: '$env("WAYBILL_ERP_URL") & "/goods-receipts"', urlType: 'jsonata', headers: [],
      body: '{"po": $facts.scan.po, "line": $facts.scan.line, "gtin": $facts.scan.gtin, "quantity": $facts.scan.quantity, "unit": "EA", "postingDate": "2026-06-01", "reference": waybill.caseId}',
      bodyType: 'jsonata', timeoutSeconds: 30, idempotencyHeader: 'Idempotency-Key', recovery: 'same-key', queryUrl: '', queryUrlType: 'str', maxAttempts: 8, maxMinutes: 1_440,
      baseDelaySeconds: 2, maxDelaySeconds: 300, recordAs: 'goodsReceipt', milestone: '', configVersion: 1,
    }),
    close(),
  ];
}

/** Bare Node-RED: mqtt in (QoS 1, parsed) → function that counts; and http in → function → http response for a decision. */
export function bareFlow(brokerPort: number): readonly object[] {
  return [
    { id: TAB, type: 'tab', label: 'bare', disabled: false, env: [] },
    {
      id: BROKER, type: 'mqtt-broker', name: '', broker: '127.0.0.1', port: String(brokerPort), clientid: 'bare-node-red', autoConnect: true, usetls: false, protocolVersion: '4', keepalive: '60',
      cleansession: false, autoUnsubscribe: true, birthTopic: '', birthQos: '0', birthRetain: 'false', birthPayload: '', birthMsg: {}, closeTopic: '', closeQos: '0', closeRetain: 'false',
      closePayload: '', closeMsg: {}, willTopic: '', willQos: '0', willRetain: 'false', willPayload: '', willMsg: {}, userProps: '', sessionExpiry: '',
    },
    node('in', 'mqtt in', [['count']], { topic: 'acme/+/+/+/scan', qos: '1', datatype: 'json', broker: BROKER, nl: false, rap: true, rh: 0, inputs: 0 }),
    node('decision', 'http in', [['answer']], { url: '/decision', method: 'post', upload: false, swaggerDoc: '' }),
    node('answer', 'function', [['answered']], { func: 'msg.payload = {taskStatus: msg.payload.decision === "approve" ? "approved" : "rejected", approvals: 1, quorum: 1};\nreturn msg;', outputs: 1, timeout: 0, noerr: 0, initialize: '', finalize: '', libs: [] }),
    node('answered', 'http response', [], { statusCode: '200', headers: {} }),
    node('count', 'function', [[]], { func: 'global.get("counter").n += 1;\nreturn msg;', outputs: 1, timeout: 0, noerr: 0, initialize: '', finalize: '', libs: [] }),
  ];
}

/** Bare Node-RED beside an outside broker: mqtt in (QoS 1, a session that is kept) → file, a line a message. What stands in the file is what it has not lost. */
export function bareKeepingFlow(brokerPort: number, file: string): readonly object[] {
  return [
    ...bareFlow(brokerPort).filter((each) => ['tab', 'mqtt-broker'].includes((each as { type: string }).type)),
    node('in', 'mqtt in', [['keep']], { topic: 'acme/+/+/+/scan', qos: '1', datatype: 'utf8', broker: BROKER, nl: false, rap: true, rh: 0, inputs: 0 }),
    node('keep', 'file', [[]], { filename: file, filenameType: 'str', appendNewline: true, createDir: false, overwriteFile: 'false', encoding: 'none' }),
  ];
}
