import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Change, ChangeTerms, DecideChange, RequestChange } from '../../../src/domain/change/index.ts';
import { answerChange, commentChange, decideChange, evolveChange, followWaiver, isOver, requestChange, termsKey, withdrawChange } from '../../../src/domain/change/index.ts';
import type { Decision } from '../../../src/domain/decision.ts';

const now = '2026-06-15T08:00:00.000Z';
const after = (days: number): string => new Date(Date.parse(now) + days * 86_400_000).toISOString();
const asked: RequestChange = {
  changeId: 'c1', kind: 'change', family: 'order-to-cash', template: 'order-to-cash/exception@1.0.0', baseHash: 'sha256:a', proposedHash: 'sha256:b', by: 'eve', quorum: 2, requestHash: 'sha256:r', at: now,
  content: { title: 'A second output', reason: 'Our carrier asks for it.', nodes: [{ id: 'n', type: 'debug' }] }, name: 'Eve',
};
const waiver: RequestChange = { ...asked, kind: 'waiver', rule: 'no-exec', scope: { fingerprints: ['f1', 'f2'] }, until: after(30), content: { title: 'exec', reason: 'Label printer.' } };
const codeOf = (decision: Decision): string => (decision.kind === 'refused' ? decision.code : decision.events.map(({ type }) => type).join(' '));
const given = (command: RequestChange, ...words: readonly ((state: Change) => Decision)[]): Change => {
  let state: Change | undefined;
  const apply = (decision: Decision): void => { for (const event of decision.events) state = evolveChange(state, { ...event, site: 'dc-1' }); };
  apply(requestChange(undefined, command));
  for (const word of words) apply(word(state!));
  return state!;
};
const speaker = (by: string, roles = ['owner:order-to-cash']): { by: string; roles: readonly string[]; name: string; channel: string; authMethod: string } => ({ by, roles, name: by.toUpperCase(), channel: 'api', authMethod: 'token' });
const says = (by: string, terms: ChangeTerms, more: Partial<DecideChange> = {}) => (state: Change | undefined): Decision => decideChange(state, { ...speaker(by), terms, requestHash: 'sha256:r', at: now, ...more });
const accept = { decision: 'accept', version: '1.1.0' } as const;
const decline = { decision: 'decline' } as const;
const waive = (expiresAt: string, fingerprints = ['f1', 'f2']): ChangeTerms => ({ decision: 'waive', rule: 'no-exec', scope: { fingerprints }, expiresAt });

describe('asking for a change', () => {
  it('records what is asked for, with the nodes as content and the name as personal', () => {
    const decision = requestChange(undefined, asked);
    assert.deepEqual(decision.events, [{
      type: 'ChangeRequested', content: asked.content, personal: { name: 'Eve' },
      data: { changeId: 'c1', kind: 'change', family: 'order-to-cash', by: 'eve', quorum: 2, requestHash: 'sha256:r', template: 'order-to-cash/exception@1.0.0', baseHash: 'sha256:a', proposedHash: 'sha256:b' },
    }]);
    assert.equal(given(asked).status, 'requested');
  });

  const refusals: readonly (readonly [string, RequestChange])[] = [
    ['change-reason-missing', { ...asked, content: { title: 'x', reason: ' ' } }],
    ['change-changes-nothing', { ...asked, proposedHash: 'sha256:a' }],
    ['waiver-without-rule', (({ rule: _rule, ...rest }) => rest)(waiver)],
    ['waiver-without-scope', { ...waiver, scope: {} }],
    ['waiver-without-scope', { ...waiver, scope: { fingerprints: [] } }],
    ['waiver-too-wide', { ...waiver, scope: { fingerprints: Array.from({ length: 101 }, (_, i) => `f${i}`) } }],
    ['waiver-over-already', { ...waiver, until: now }],
    ['waiver-too-long', { ...waiver, until: after(367) }],
  ];
  for (const [code, command] of refusals) it(`is refused: ${code}`, () => { assert.equal(codeOf(requestChange(undefined, command)), code); });
  it('names a template and brings nodes', () => {
    const { template: _template, ...without } = asked;
    assert.equal(codeOf(requestChange(undefined, without)), 'change-without-content');
  });
});

describe('deciding a change', () => {
  it('takes as many owners as the quorum says, on the same terms', () => {
    const one = given(asked, says('otto', accept));
    assert.deepEqual([one.status, one.terms], ['in-review', undefined]);
    assert.equal(given(asked, says('otto', accept), says('olga', { ...accept, version: '2.0.0' })).status, 'in-review');
    const both = given(asked, says('otto', accept), says('olga', accept));
    assert.deepEqual([both.status, both.terms], ['accepted', accept]);
  });
  it('counts the last word of each owner only', () => {
    const moved = given(asked, says('otto', accept), says('otto', { ...accept, version: '2.0.0' }), says('olga', accept));
    assert.deepEqual([moved.status, moved.votes.length], ['in-review', 2]);
    assert.equal(given(asked, says('otto', accept), says('otto', { ...accept, version: '2.0.0' }), says('olga', { ...accept, version: '2.0.0' })).status, 'accepted');
  });
  it('ends with one decline', () => { assert.equal(given(asked, says('otto', accept), says('olga', decline)).status, 'declined'); });
  it('is not done twice by the same person', () => {
    assert.deepEqual(says('otto', accept)(given(asked, says('otto', accept))).events, []);
    assert.deepEqual(says('otto', decline)(given(asked, says('otto', decline))).events, []);
  });
  it('takes the lists of a scope as sets', () => {
    assert.equal(given(waiver, says('otto', waive(after(9))), says('olga', waive(after(9), ['f2', 'f1', 'f1']))).status, 'waived');
    assert.equal(given(waiver, says('otto', waive(after(9))), says('olga', waive(after(9), ['f1']))).status, 'in-review');
  });
  it('is for owners of the family and central architects, never for who asked', () => {
    assert.equal(codeOf(says('eve', accept)(given(asked))), 'change-own');
    assert.equal(codeOf(says('eve', accept, { roles: ['owner:order-to-cash', 'central-architect'] })(given(asked))), 'change-own');
    for (const roles of [[], ['admin'], ['owner:returns'], ['owner:'], ['OWNER:order-to-cash'], ['constructor']]) assert.equal(codeOf(says('otto', accept, { roles })(given(asked))), 'change-not-owner', roles.join());
    assert.equal(codeOf(says('otto', accept, { roles: ['central-architect'] })(given(asked))), 'ChangeDecided');
  });
  it('names what was shown, and terms that fit', () => {
    assert.equal(codeOf(says('otto', accept, { requestHash: 'sha256:other' })(given(asked))), 'change-not-as-shown');
    assert.equal(codeOf(says('otto', accept)(given(waiver))), 'waiver-not-a-version');
    assert.equal(codeOf(says('otto', waive(now))(given(waiver))), 'waiver-over-already');
    assert.equal(codeOf(says('otto', waive(after(400)))(given(waiver))), 'waiver-too-long');
    assert.equal(codeOf(says('otto', waive(after(1), []))(given(waiver))), 'waiver-without-scope');
  });
  it('grants what was asked for or less, never another rule, finding, template or a later day', () => {
    const grant = (terms: Partial<Extract<ChangeTerms, { decision: 'waive' }>>, of: RequestChange = waiver): string => codeOf(says('otto', { ...waive(after(9)), ...terms } as ChangeTerms)(given(of)));
    for (const fine of [{}, { expiresAt: after(30) }, { scope: { fingerprints: ['f2'] } }]) assert.equal(grant(fine), 'ChangeDecided', JSON.stringify(fine));
    const beyond = [{ rule: 'no-secrets' }, { expiresAt: after(31) }, { scope: { fingerprints: ['f1', 'f3'] } }, { scope: { template: 'order-to-cash/exception' } }, { scope: { fingerprints: ['f1'], template: 'order-to-cash/exception' } }];
    for (const more of beyond) assert.equal(grant(more), 'waiver-beyond-asked', JSON.stringify(more));
    const open = given(waiver);
    for (const more of beyond) assert.deepEqual(answerChange(open, { ...waive(after(9)), ...more } as ChangeTerms).events, [], 'nor does a signed one that goes further answer it');
    const { until: _until, ...endless } = waiver;
    assert.equal(grant({ expiresAt: after(200) }, endless), 'ChangeDecided', 'who names no day leaves it to the owners');
  });
  it('may exempt the template from its signature instead of taking a change in, and from nothing else', () => {
    const grant = (rule: string, template: string): string => codeOf(says('otto', { decision: 'waive', rule, scope: { template }, expiresAt: after(9) })(given(asked)));
    assert.equal(grant('template-unchanged', 'order-to-cash/exception'), 'ChangeDecided');
    assert.equal(grant('template-unchanged', 'order-to-cash/other'), 'waiver-beyond-asked');
    assert.equal(grant('no-exec', 'order-to-cash/exception'), 'waiver-beyond-asked');
  });
  it('comes too late once it is over', () => {
    assert.equal(codeOf(says('olga', accept)(given(asked, says('otto', decline)))), 'change-over');
    assert.equal(codeOf(says('olga', accept)(undefined)), 'change-unknown');
  });
  it('may be done by the signed catalogue alone, once', () => {
    const answered = given(waiver, (state) => answerChange(state, waive(after(9))));
    assert.equal(answered.status, 'waived');
    assert.deepEqual(answerChange(answered, waive(after(9))).events, []);
  });
});

describe('talking about a change, and taking it back', () => {
  it('brings it into review when an owner speaks, not when who asked does', () => {
    const word = (by: string, roles?: string[]) => (state: Change): Decision => commentChange(state, { ...speaker(by, roles), commentId: 'k', comment: 'Why?' });
    assert.equal(given(asked, word('eve')).status, 'requested');
    assert.equal(given(asked, word('someone', ['engineer'])).status, 'requested');
    assert.equal(given(asked, word('otto')).status, 'in-review');
    assert.equal(given(asked, says('otto', decline), word('olga')).status, 'declined');
  });
  it('is withdrawn by who asked or who runs the site', () => {
    assert.equal(given(asked, (state) => withdrawChange(state, { by: 'eve', manages: false })).status, 'withdrawn');
    assert.equal(given(asked, (state) => withdrawChange(state, { by: 'mo', manages: true })).status, 'withdrawn');
    assert.equal(codeOf(withdrawChange(given(asked), { by: 'otto', manages: false })), 'change-of-other');
    assert.equal(codeOf(withdrawChange(given(asked, says('otto', decline)), { by: 'eve', manages: false })), 'change-over');
    assert.equal(codeOf(says('otto', accept)(given(asked, (state) => withdrawChange(state, { by: 'eve', manages: false })))), 'change-over');
  });
});

it('whatever is said in whatever order: who asked never counts, an outcome has its quorum, and what is over stays so', () => {
  const people = fc.constantFrom('eve', 'otto', 'olga', 'omar');
  const terms = fc.constantFrom<ChangeTerms>(accept, { decision: 'accept', version: '2.0.0' }, decline, waive(after(9)), waive(after(10)));
  fc.assert(fc.property(fc.integer({ min: 1, max: 3 }), fc.constantFrom(asked, waiver), fc.array(fc.tuple(people, terms), { maxLength: 20 }), (quorum, command, words) => {
    let state = given({ ...command, quorum });
    for (const [by, said] of words) {
      const before = state;
      for (const event of says(by, said)(state).events) state = evolveChange(state, { ...event, site: 'dc-1' })!;
      if (isOver(before)) assert.deepEqual(state, before);
      assert.ok(!state.votes.some((vote) => vote.by === 'eve'));
      assert.equal(new Set(state.votes.map((vote) => vote.by)).size, state.votes.length);
      if (state.terms === undefined) assert.ok(!isOver(state));
      else if (state.terms.decision !== 'decline') assert.ok(state.votes.filter((vote) => termsKey(vote.terms) === termsKey(state.terms!)).length >= quorum);
    }
  }), { numRuns: 300 });
});

describe('a waiver of the catalogue', () => {
  const signed = { id: 'w', rule: 'no-exec', sites: ['dc-1'], scope: { fingerprints: ['f1'] }, reason: 'Label printer.', grantedAt: now, expiresAt: after(10) };
  const types = (...args: Parameters<typeof followWaiver>): string => followWaiver(...args).map(({ type }) => type).join(' ');
  const known = (status: 'active' | 'expired' | 'revoked', expiresAt = after(10)): Parameters<typeof followWaiver>[0] => ({ id: 'w', rule: 'no-exec', expiresAt, status });
  it('is granted once, expires at its time, and is revoked when it goes', () => {
    assert.equal(types(undefined, signed, now), 'WaiverGranted');
    assert.equal(types(known('active'), signed, after(9)), '');
    assert.equal(types(known('active'), signed, after(10)), 'WaiverExpired');
    assert.equal(types(known('expired'), signed, after(11)), '');
    assert.equal(types(known('active'), undefined, after(9)), 'WaiverRevoked');
    assert.equal(types(known('active'), undefined, after(10)), 'WaiverExpired');
    assert.equal(types(known('revoked'), undefined, after(9)), '');
    assert.equal(types(undefined, undefined, now), '');
    assert.equal(types(undefined, signed, after(11)), '', 'one that was over before the site knew it');
  });
  it('holds longer when it is signed anew', () => {
    assert.equal(types(known('active'), { ...signed, expiresAt: after(20) }, after(9)), 'WaiverGranted');
    assert.equal(types(known('expired'), { ...signed, expiresAt: after(20) }, after(11)), 'WaiverGranted');
    assert.equal(types(known('revoked'), signed, after(9)), 'WaiverGranted');
    assert.equal(types(known('active', after(20)), { ...signed, expiresAt: after(5) }, after(6)), 'WaiverGranted WaiverExpired', 'it was cut short');
  });
});
