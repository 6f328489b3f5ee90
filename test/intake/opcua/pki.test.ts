import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { OpcUaIntakeError, PkiFolder, refusedSentence } from '../../../src/intake/opcua/index.ts';
import { makeCertificate } from '../../support/opcua-certificates.ts';
import type { CertificateWish } from '../../support/opcua-certificates.ts';

const DAY = 86_400_000;
const URL_OF = 'opc.tcp://127.0.0.1:4840/line';
const ADDRESS = '127.0.0.1:4840';

describe('our own OPC UA certificate', function () {
  this.timeout(20_000);
  let now = Date.UTC(2026, 10, 29);
  const folder = (): string => mkdtempSync(path.join(tmpdir(), 'waybill-pki-'));
  const pkiIn = (home: string): PkiFolder => new PkiFolder({ folder: home, enterprise: 'acme', site: 'dc 1', host: 'wms-1', now: () => now });

  it('is made on first use, for its owner only, and stays the same', async () => {
    const home = folder();
    const pki = pkiIn(home);
    const [again, other] = await Promise.all([pki.own(), pki.own()]);
    assert.deepEqual(other.certificate, again.certificate, 'two that ask at once get the same');
    assert.equal(again.applicationUri, 'urn:wms-1:waybill:acme:dc-1');
    assert.equal(pkiIn(home).applicationUri, again.applicationUri);
    assert.deepEqual(again.view.hostNames, ['wms-1']);
    assert.equal(again.view.subject, 'CN=Waybill dc 1');
    assert.equal(again.view.keyBits, 2_048);
    assert.equal(statSync(again.privateKeyFile).mode & 0o777, 0o600);
    assert.equal((await pkiIn(home).own()).view.thumbprint, again.view.thumbprint);
    assert.deepEqual(readdirSync(path.join(home, 'own')).sort(), ['certificate.pem', 'private-key.pem']);
  });

  it('has a successor 90 days before its end, which takes over 14 days before and keeps the key', async () => {
    const home = folder();
    const first = await pkiIn(home).own();
    const end = Date.parse(first.view.validTo);
    now = end - 91 * DAY;
    assert.equal((await pkiIn(home).own()).next, undefined);
    now = end - 89 * DAY;
    const { next, view } = await pkiIn(home).own();
    assert.equal(view.thumbprint, first.view.thumbprint, 'the old one is still shown');
    assert.equal(next?.from, new Date(end - 14 * DAY).toISOString());
    const key = readFileSync(first.privateKeyFile, 'utf8');
    now = end - 13 * DAY;
    const later = await pkiIn(home).own();
    assert.equal(later.view.thumbprint, next?.view.thumbprint);
    assert.equal(later.next, undefined);
    assert.equal(readFileSync(later.privateKeyFile, 'utf8'), key);
    assert.equal(later.applicationUri, first.applicationUri);
  });

  it('goes on with the key where the machine went down before there was a certificate', async () => {
    const home = folder();
    const { privateKeyFile, certificateFile } = await pkiIn(home).own();
    const key = readFileSync(privateKeyFile, 'utf8');
    rmSync(certificateFile);
    assert.ok(existsSync((await pkiIn(home).own()).certificateFile));
    assert.equal(readFileSync(privateKeyFile, 'utf8'), key);
  });

  it('that somebody else issued is never replaced, and says when it is over', async () => {
    const home = folder();
    const pki = pkiIn(home);
    const { certificateFile } = await pki.own();
    writeFileSync(certificateFile, 'nothing');
    await assert.rejects(pki.own(), (error) => error instanceof OpcUaIntakeError && /cannot be read\. Put it back from the backup/.test(error.message));
    writeFileSync(certificateFile, (await makeCertificate()).der);
    await assert.rejects(pki.own(), (error) => error instanceof OpcUaIntakeError && /does not belong to the key beside it/.test(error.message));
  });
});

describe('trust in the certificate of an OPC UA server', function () {
  this.timeout(20_000);
  const now = Date.UTC(2026, 10, 29);
  const fresh = (home = mkdtempSync(path.join(tmpdir(), 'waybill-pki-')), clock = () => now): PkiFolder => new PkiFolder({ folder: home, enterprise: 'acme', site: 'dc-1', now: clock });
  const wish: CertificateWish = { notBefore: new Date(now - DAY), notAfter: new Date(now + 40 * DAY) };

  it('is given by a person, for one address, and can be withdrawn', async () => {
    const home = mkdtempSync(path.join(tmpdir(), 'waybill-pki-'));
    const pki = fresh(home);
    const { der } = await makeCertificate(wish);
    const unknown = await pki.at(URL_OF).judge(der);
    assert.equal(unknown.because, 'unknown');
    assert.deepEqual(unknown.problems, []);
    assert.match(refusedSentence(unknown), /is not trusted yet; look at it in the form of the endpoint/);
    const { thumbprint } = unknown.certificate;
    assert.deepEqual(readdirSync(path.join(home, 'rejected')), [`${thumbprint}.der`]);
    await pki.trust.trust({ address: ADDRESS, thumbprint, at: '2026-11-29T00:00:00Z', by: 'p1', accepted: [] });
    assert.equal((await fresh(home).at(URL_OF).judge(der)).because, 'pinned', 'also after a restart');
    assert.deepEqual(readdirSync(path.join(home, 'rejected')), []);
    assert.equal((await pki.at('opc.tcp://127.0.0.1:4841').judge(der)).because, 'unknown', 'not at another address');
    assert.equal(await pki.trust.withdraw(ADDRESS, thumbprint), true);
    assert.equal(await pki.trust.withdraw(ADDRESS, thumbprint), false);
    assert.equal((await pki.at(URL_OF).judge(der)).because, 'unknown');
  });

  it('ends where the server shows another certificate', async () => {
    const pki = fresh();
    const [one, other] = [await makeCertificate(wish), await makeCertificate(wish)];
    const { thumbprint } = (await pki.at(URL_OF).judge(one.der)).certificate;
    await pki.trust.trust({ address: ADDRESS, thumbprint, at: '2026-11-29T00:00:00Z', by: 'p1', accepted: [] });
    const changed = await pki.at(URL_OF).judge(other.der);
    assert.equal(changed.because, 'changed');
    assert.match(refusedSentence(changed), /another certificate .* than the one that is trusted; find out why/);
  });

  it('ends when the certificate expires, unless a person has accepted that', async () => {
    const home = mkdtempSync(path.join(tmpdir(), 'waybill-pki-'));
    const { der } = await makeCertificate(wish);
    const { thumbprint } = (await fresh(home).at(URL_OF).judge(der)).certificate;
    await fresh(home).trust.trust({ address: ADDRESS, thumbprint, at: '2026-11-29T00:00:00Z', by: 'p1', accepted: [] });
    const late = fresh(home, () => now + 41 * DAY);
    const verdict = await late.at(URL_OF).judge(der);
    assert.equal(verdict.trusted, false);
    assert.match(refusedSentence(verdict), /does not fit any more \(it expired on 2027-01-08\); have it renewed on the server/);
    await late.trust.trust({ address: ADDRESS, thumbprint, at: '2027-01-09T00:00:00Z', by: 'p1', accepted: verdict.problems });
    assert.equal((await late.at(URL_OF).judge(der)).because, 'pinned');
  });

  const cases: readonly (readonly [string, CertificateWish, readonly string[]])[] = [
    ['is expired', { ...wish, notBefore: new Date(now - 3 * DAY), notAfter: new Date(now - DAY) }, ['expired']],
    ['is not valid yet', { ...wish, notBefore: new Date(now + DAY) }, ['not-yet-valid']],
    ['is for another host', { ...wish, dns: ['plc-5'], ip: ['192.168.0.5'] }, ['host-differs']],
    ['has a short key', { ...wish, bits: 1_024 }, ['weak-key']],
    ['is for the same host under its full name', { ...wish, dns: ['localhost'], ip: [] }, []],
  ];
  for (const [what, made, problems] of cases) {
    it(`is not there for one that ${what}`, async () => {
      const pki = fresh();
      const verdict = await pki.at(URL_OF).judge((await makeCertificate(made)).der);
      assert.deepEqual(verdict.problems, problems);
      assert.equal(verdict.trusted, false);
      assert.ok(refusedSentence(verdict).endsWith('.'));
    });
  }

  it('sees that a certificate names another application than the server does', async () => {
    const pki = fresh();
    assert.deepEqual((await pki.at(URL_OF).judge((await makeCertificate(wish)).der, 'urn:other')).problems, ['uri-differs']);
  });

  it('keeps at most a hundred of strangers, and says what is damaged', async () => {
    const home = mkdtempSync(path.join(tmpdir(), 'waybill-pki-'));
    const pki = fresh(home);
    const { der } = await makeCertificate(wish);
    await pki.at(URL_OF).judge(der);
    for (let at = 0; at < 120; at += 1) writeFileSync(path.join(home, 'rejected', `${String(at).padStart(40, '0')}.der`), 'x');
    await pki.at(URL_OF).judge((await makeCertificate(wish)).der);
    assert.equal(readdirSync(path.join(home, 'rejected')).length, 100);
    writeFileSync(path.join(home, 'trust.json'), '{"version":1');
    await assert.rejects(fresh(home).at(URL_OF).judge(der), /trust\.json is damaged, so no server is trusted/);
    await assert.rejects(fresh(mkdtempSync(path.join(tmpdir(), 'waybill-pki-'))).at(URL_OF).judge(Buffer.from('no certificate')), RangeError);
  });
});
