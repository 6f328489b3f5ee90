import { ReachError, trustedProxies } from '../../../web/server/reach/index.ts';
import { isLoopback } from '../machine.ts';
import type { Check } from '../run-checks.ts';

/** Whose forwarded headers are believed. */
export const proxies: Check = {
  name: 'proxies', title: 'Proxies',
  async run({ env, publicUrl, web }, findings) {
    const text = env['WAYBILL_TRUSTED_PROXIES'];
    try {
      const declared = trustedProxies(text);
      if (declared.any) {
        findings.ok(`forwarded headers are believed from ${(text ?? '').split(/[\s,]+/).filter((each) => each !== '').join(', ')}`);
        return await Promise.resolve();
      }
    } catch (error) {
      if (!(error instanceof ReachError)) throw error;
      findings.fail('WAYBILL_TRUSTED_PROXIES cannot be read', error.message);
      return await Promise.resolve();
    }
    const url = publicUrl !== undefined && URL.canParse(publicUrl) ? new URL(publicUrl) : undefined;
    if (url !== undefined && url.protocol === 'https:' && !web.secure && !isLoopback(url.hostname)) {
      findings.warn('a proxy seems to do TLS in front, and none is declared: everybody\'s address in the ledger is the proxy\'s', 'Set WAYBILL_TRUSTED_PROXIES to its address, for example loopback when it runs on this machine.');
    } else findings.ok('none is declared: forwarded headers are not believed');
    return await Promise.resolve();
  },
};
