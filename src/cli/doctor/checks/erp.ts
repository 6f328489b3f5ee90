import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { getUrl, isCertificateError, reasonOf } from '../http-probe.ts';
import { isLoopback } from '../machine.ts';
import type { Check } from '../run-checks.ts';
import { shownUrl } from '../secrets.ts';

/** The ERP of the receiving flow: WAYBILL_ERP_URL, or the demo's. */
export const erp: Check = {
  name: 'erp', title: 'ERP',
  async run({ erpUrl, mode, home }, findings, signal) {
    if (erpUrl === undefined) {
      if (mode === 'node-red') {
        findings.ok('WAYBILL_ERP_URL is not set: call nodes need an address of their own');
        return;
      }
      const remembered = await readFile(path.join(home, 'demo-erp.json'), 'utf8').catch(() => undefined);
      const port = remembered === undefined ? undefined : (JSON.parse(remembered) as { port?: number }).port;
      const answers = port !== undefined && await getUrl(`http://127.0.0.1:${port}/`, signal).then(() => true, () => false);
      findings.ok(`WAYBILL_ERP_URL is not set: npm start brings the demo ERP${answers ? `, which answers on port ${port}` : ''}`);
      return;
    }
    if (!URL.canParse(erpUrl) || !/^https?:$/.test(new URL(erpUrl).protocol)) {
      findings.fail('WAYBILL_ERP_URL is no http or https address', 'Set it to the base address of the ERP, for example https://erp.example.com.');
      return;
    }
    const shown = shownUrl(erpUrl);
    const { protocol, hostname } = new URL(erpUrl);
    if (protocol === 'http:' && !isLoopback(hostname)) findings.warn(`${shown} is plain text`, 'Use https: the ERP\'s password and every receipt pass readable.');
    try {
      const { status, ms } = await getUrl(erpUrl, signal);
      const found = `${shown} answers (status ${status}) in ${Math.round(ms)} ms`;
      if (status >= 500) findings.warn(found, 'Look at the ERP: calls that it refuses like this are tried again, and become dead letters in the end.');
      else if (ms > 1_000) findings.warn(found, 'Find out what slows the way to the ERP: every call waits for it.');
      else findings.ok(found);
    } catch (error) {
      if (isCertificateError(error)) findings.fail(`${shown}: ${reasonOf(error)}`, 'Mend the ERP\'s certificate, or name its authority in NODE_EXTRA_CA_CERTS.');
      else findings.fail(`${shown}: ${reasonOf(error)}`, 'Start the ERP or mend WAYBILL_ERP_URL; until then calls are tried again and nothing is lost.');
    }
  },
};
