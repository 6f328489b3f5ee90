import assert from 'node:assert/strict';

import { address, caseId, closeCase, completeStep, createTask, endCall, enterStep, intendEffect, olga, openCase, recordFacts, recordScan, releaseQuantity, reserveQuantity, scan, site, start, token, tom } from './support/commands.ts';
import { given, happened, only } from './support/given.ts';

const opened = happened(openCase());
const closed = happened(openCase(), enterStep('t1'), closeCase({ runId: 't1' }));

describe('case', () => {
  describe('OpenCase', () => {
    it('opens the case, records the scan and issues the tokens in one commit', () => {
      given().when(openCase()).then(
        {
          type: 'CaseOpened', address: address('scan'),
          data: {
            process: 'procure-to-pay/receiving', template: 'receiving@1.0.0', eligible: true, test: false, possibleDuplicate: false,
            configHash: 'config-1', documentHash: 'doc-1', reservations: [{ scope: 'sscc@receiving', keyHash: 'hash-of-sscc' }],
            operators: [], operatorUnknown: false,
          },
          content: {
            businessKeys: [{ type: 'sscc', value: '340123450000000011' }], document: { po: '4711', line: 10, quantity: '5' }, title: 'PO 4711 line 10',
          },
        },
        {
          type: 'ScanRecorded',
          data: {
            deviceId: 'scanner-7', operator: olga, operatorUnknown: false, repeat: 'first', possibleDuplicate: false,
            transport: { scope: 'transport', keyHash: 'hash-of-transport-id' },
          },
          content: {
            code: ']C100340123450000000011', topic: 'acme/hamburg/inbound/dock-1/scan', raw: '{"code":"]C100340123450000000011"}',
            scan: { sscc: '340123450000000011' },
          },
          personal: { operator: 'Olga' },
        },
        {
          type: 'StepCompleted', address: address('scan'), data: { runId: 'r-intake', tokens: [token('t1')], hops: 1 },
          content: { messages: { '0': '{"payload":{}}' } },
        },
      ).thenState((state) => {
        assert.equal(state.status, 'open');
        assert.equal(state.caseId, caseId);
        assert.equal(state.site, site);
        assert.equal(state.rootCaseId, caseId);
        assert.equal(state.openedAt, new Date(start).toISOString());
        assert.deepEqual(state.operators, [olga]);
        assert.deepEqual(state.document, { po: '4711', line: 10, quantity: '5' });
        assert.deepEqual(state.origin, { sscc: '340123450000000011' });
        assert.equal(state.tokens['t1']?.state, 'live');
        assert.equal(state.runs['r-intake']?.state, 'completed');
        assert.equal(state.version, 3);
      });
    });

    it('opens without a scan', () => {
      given().when(openCase({ scan: undefined })).thenTypes('CaseOpened', 'StepCompleted')
        .thenState((state) => { assert.deepEqual(state.operators, []); });
    });

    it('leaves out what the scan does not say', () => {
      const bare = given().when(openCase({ scan: { operatorUnknown: true, possibleDuplicate: true, code: 'X' } }));
      assert.deepEqual(bare.decision.events[1], {
        type: 'ScanRecorded', data: { operatorUnknown: true, repeat: 'first', possibleDuplicate: true }, content: { code: 'X' },
      });
      assert.equal(bare.state.operatorUnknown, true);
    });

    it('is refused for a case that is there, open or closed', () => {
      given(opened).when(openCase()).thenRefused('case-exists');
      given(closed).when(openCase()).thenRefused('case-exists');
    });

    it('keeps no name, key or code outside the erasable parts', () => {
      const { decision } = given().when(openCase());
      const leaves = JSON.stringify(decision.events.map(({ content: _content, personal: _personal, ...leaf }) => leaf));
      for (const secret of ['Olga', '340123450000000011', '4711']) assert.ok(!leaves.includes(secret), `${secret} stands in a leaf`);
    });
  });

  describe('RecordScan', () => {
    it('is evidence on an open case, and its operator counts for segregation of duties', () => {
      given(opened).when(recordScan({ operator: tom })).thenTypes('ScanRecorded').thenState((state) => {
        assert.deepEqual(state.operators, [olga, tom]);
        assert.equal(state.operatorUnknown, false);
      });
    });

    it('counts an operator once', () => {
      given(opened).when(recordScan()).thenState((state) => { assert.deepEqual(state.operators, [olga]); });
    });

    it('keeps the first scan as the origin, and an unknown operator as unknown', () => {
      given(opened, happened(openCase(), recordScan({ operatorUnknown: true })).slice(3)).when(recordScan({ fields: { sscc: 'other' } })).thenState((state) => {
        assert.deepEqual(state.origin, { sscc: '340123450000000011' });
        assert.equal(state.operatorUnknown, true);
      });
    });

    it('is taken by a closed case, which stays closed', () => {
      given(closed).when(recordScan()).thenTypes('ScanRecorded').thenState((state) => { assert.equal(state.status, 'closed'); });
    });

    it('is refused for an absent case', () => {
      given().when({ type: 'RecordScan', scan }).thenRefused('case-absent');
    });
  });

  describe('RecordFacts', () => {
    it('patches the document', () => {
      given(opened).when(recordFacts({ address: address('validate') })).then({
        type: 'FactsRecorded', address: address('validate'), data: { paths: ['quantity'], beforeHash: 'doc-1', afterHash: 'doc-2' }, content: { patch: { quantity: '6' } },
      }).thenState((state) => {
        assert.deepEqual(state.document, { po: '4711', line: 10, quantity: '6' });
        assert.equal(state.documentHash, 'doc-2');
      });
    });

    it('marks a correction', () => {
      given(opened).when(recordFacts({ correction: true })).thenTypes('FactsCorrected').thenState((state) => { assert.equal(state.documentHash, 'doc-2'); });
    });

    it('is taken from an open run only', () => {
      given(opened, happened(openCase(), enterStep('t1')).slice(3)).when(recordFacts({ runId: 't1' })).thenTypes('FactsRecorded');
      given(opened).when(recordFacts({ runId: 'r-intake' })).thenRefused('run-not-open');
      given(opened).when(recordFacts({ runId: 'nowhere' })).thenRefused('run-not-open');
    });

    it('is refused for a closed and for an absent case', () => {
      given(closed).when(recordFacts()).thenRefused('case-closed');
      given().when(recordFacts()).thenRefused('case-absent');
    });

    it('shows no document when a part of it was erased', () => {
      const [changed] = given(opened).when(recordFacts()).decision.events;
      const { content: _erased, ...leaf } = only(changed);
      given(opened, leaf as typeof changed & object).when(recordScan()).thenState((state) => {
        assert.equal(state.document, undefined);
        assert.equal(state.documentHash, 'doc-2');
      });
    });
  });

  describe('ReserveQuantity and ReleaseQuantity', () => {
    const at1 = happened(openCase(), enterStep('t1'));
    const held = happened(openCase(), enterStep('t1'), reserveQuantity('t1', { overBy: '1' }));

    it('holds a quantity under a claim', () => {
      given(at1).when(reserveQuantity('t1')).then({
        type: 'QuantityReserved', address: address('validate'),
        data: { claimId: 'c-t1', scope: 'po-line', keyHash: 'hash-of-po-line', quantity: '5', total: '5', limit: '10', overBy: '0', reservationVersion: 1 },
      }).thenState((state) => { assert.equal(state.holds['c-t1']?.quantity, '5'); });
    });

    it('holds once for a claim, however often it is asked', () => {
      given(held).when(reserveQuantity('t1', { total: '10', reservationVersion: 2 })).thenNothing('reserved');
    });

    it('is refused without an open run', () => {
      given(opened).when(reserveQuantity('t1')).thenRefused('run-not-open');
      given(opened).when(reserveQuantity('r-intake')).thenRefused('run-not-open');
      given(closed).when(reserveQuantity('t1')).thenRefused('run-not-open');
    });

    it('gives back what was held, once', () => {
      const released = given(held).when(releaseQuantity('c-t1')).then({
        type: 'QuantityReleased', data: { claimId: 'c-t1', scope: 'po-line', keyHash: 'hash-of-po-line', quantity: '5', total: '0', reservationVersion: 2 },
      }).thenState((state) => { assert.deepEqual(state.holds, {}); });
      given(held, released.decision.events).when(releaseQuantity('c-t1')).thenRefused('reservation-released');
    });

    it('gives back what a cancelled case held, as its compensation', () => {
      given(held, given(held).when(closeCase({ cancelOpen: true })).decision.events).when(releaseQuantity('c-t1')).thenTypes('QuantityReleased')
        .thenState((state) => { assert.equal(state.status, 'closed'); });
    });

    it('refuses to give back what is not held', () => {
      given(at1).when(releaseQuantity('c-t1')).thenRefused('reservation-released');
      given(at1).when(releaseQuantity('constructor')).thenRefused('reservation-released');
    });
  });

  describe('CloseCase', () => {
    const at1 = happened(openCase({ tokens: [token('t1'), token('t2', 'label', 1)] }), enterStep('t1'));
    const calling = happened(openCase(), enterStep('t1'), intendEffect('t1'));

    it('closes from its last run', () => {
      given(happened(openCase(), enterStep('t1'))).when(closeCase({ runId: 't1', note: 'done' })).then({
        type: 'CaseClosed', address: address('validate'), data: { outcome: 'received', cancelledTokens: [], cancelledRuns: [] }, content: { note: 'done' },
      }).thenState((state) => {
        assert.equal(state.status, 'closed');
        assert.equal(state.outcome, 'received');
        assert.equal(state.runs['t1']?.state, 'completed');
      });
    });

    it('is refused while tokens or other runs are left (PROTOCOL §2.8)', () => {
      given(opened).when(closeCase()).thenRefused('open-work-left');
      given(at1).when(closeCase({ runId: 't1' })).thenRefused('open-work-left');
      given(happened(openCase(), enterStep('t1'))).when(closeCase()).thenRefused('open-work-left');
    });

    it('cancels the work that is left by name when it is asked to', () => {
      given(at1, given(at1).when(createTask('t1')).decision.events).when(closeCase({ cancelOpen: true, outcome: 'cancelled' })).then({
        type: 'CaseClosed', data: { outcome: 'cancelled', cancelledTokens: ['t2'], cancelledRuns: ['t1'] },
      }).thenState((state) => {
        assert.equal(state.tokens['t2']?.state, 'void');
        assert.equal(state.runs['t1']?.state, 'void');
        assert.equal(state.tasks['task-t1']?.status, 'voided');
        assert.equal(state.closedAt, new Date(start + 5000).toISOString());
      });
    });

    it('waits for a call under way and for an unknown outcome, even when it cancels', () => {
      given(calling).when(closeCase({ cancelOpen: true })).thenRefused('effect-open');
      given(calling).when(closeCase({ cancelOpen: true, runId: 't1' })).thenRefused('effect-open');
      given(calling, given(calling).when(endCall('e-t1', 'unknown')).decision.events).when(closeCase({ cancelOpen: true })).thenRefused('effect-open');
      given(calling, given(calling).when(endCall('e-t1', 'success')).decision.events).when(closeCase({ runId: 't1' })).thenTypes('CaseClosed');
      given(calling, given(calling).when(endCall('e-t1', 'transient')).decision.events).when(closeCase({ cancelOpen: true })).thenTypes('CaseClosed');
    });

    it('is refused from a run that is not open', () => {
      given(opened).when(closeCase({ runId: 'r-intake' })).thenRefused('run-not-open');
      given(opened).when(closeCase({ runId: 'nowhere' })).thenRefused('run-not-open');
    });

    it('is refused for a closed and for an absent case', () => {
      given(closed).when(closeCase()).thenRefused('case-closed');
      given().when(closeCase()).thenRefused('case-absent');
    });

    it('leaves nothing to do on a case that ran to its end', () => {
      const done = happened(openCase(), enterStep('t1'), completeStep('t1'));
      given(done).when(closeCase()).thenTypes('CaseClosed');
    });
  });
});
