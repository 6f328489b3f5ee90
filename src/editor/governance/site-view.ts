import type { Waybill } from '../../engine/api.ts';

/** Who this site is, whether the gate stands and how the catalogue is, for the sidebar. */
export function siteView({ settings: { site, enterprise, ring = 'all' }, governance: { gate, catalogue, breakGlass } }: Waybill, console: string | undefined): object {
  const { state, code, storage, mode, reason, baseline, governed, policyVersion } = gate.state();
  return {
    site, enterprise, ring, governed, console, policyVersion, gate: { state, code, storage, mode, reason, baseline }, catalogue: catalogue.state(),
    breakGlass: breakGlass.list().filter((one) => one.state === 'open').map(({ rules, until, reason: why }) => ({ rules, until, reason: why })),
  };
}
