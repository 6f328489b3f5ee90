import { isBusinessStep, isDisposition, isGln, placePatternProblem, timeZoneOffsets, type EpcisOptions } from '../../intake/epcis/index.ts';
import type { IntakeSite } from './site-node.ts';

/** What a scan in node says of EPCIS events. */
export interface ScanEpcisConfig {
  readonly epcis: boolean;
  readonly bizStep: string;
  readonly disposition: string;
  readonly readPoint: string;
  readonly bizLocation: string;
  readonly companyPrefixes: string;
}

/**
 * How a node makes EPCIS events; undefined when it makes none. Throws RangeError, with one sentence that says what to
 * mend, when it cannot be configured so.
 * @param timeZone of the site, as it is when it is asked for
 */
export function epcisOptions(config: ScanEpcisConfig, site: Pick<IntakeSite, 'id' | 'enterprise' | 'gln'>, timeZone: () => string): EpcisOptions | undefined {
  if (!config.epcis) return undefined;
  const { bizStep, disposition } = config;
  const readPoint = config.readPoint.trim();
  const bizLocation = config.bizLocation.trim();
  if (!isBusinessStep(bizStep)) throw new RangeError(`EPCIS: "${bizStep}" is no business step of the Core Business Vocabulary 2.0; choose one.`);
  if (disposition !== '' && !isDisposition(disposition)) throw new RangeError(`EPCIS: "${disposition}" is no disposition of the Core Business Vocabulary 2.0; choose one.`);
  if (site.gln !== '' && !isGln(site.gln)) throw new RangeError(`EPCIS: "${site.gln}" of the site is no GLN: 13 digits, the last of which is the check digit.`);
  for (const pattern of [readPoint, bizLocation]) {
    const problem = placePatternProblem(pattern);
    if (problem !== undefined) throw new RangeError(`EPCIS: ${problem}`);
    if (site.gln === '' && pattern.includes('{gln}')) throw new RangeError('EPCIS: {gln} is the GLN of the site, and the site has none; write it into the site node.');
  }
  const companyPrefixes = config.companyPrefixes.split(/[\s,;]+/).filter((prefix) => prefix !== '');
  const wrong = companyPrefixes.find((prefix) => !/^\d{6,12}$/.test(prefix));
  if (wrong !== undefined) throw new RangeError(`EPCIS: "${wrong}" is no company prefix: 6 to 12 digits.`);
  return { bizStep, ...(disposition === '' ? {} : { disposition }), readPoint, bizLocation, companyPrefixes, gln: site.gln, enterprise: site.enterprise, site: site.id, offsetAt: offsetsOf(timeZone) };
}

/** A deploy may give the site another zone. */
function offsetsOf(timeZone: () => string): (epochMs: number) => string {
  let zone: string | undefined;
  let offsets: (epochMs: number) => string = () => '+00:00';
  return (epochMs) => {
    const now = timeZone();
    if (now !== zone) {
      zone = now;
      offsets = timeZoneOffsets(now);
    }
    return offsets(epochMs);
  };
}
