/**
 * Scans through a real Mosquitto, which is not ours: how many a second become durable cases, what a burst does, and what
 * is left after the broker was restarted and the process killed again and again; beside it Node-RED's own `mqtt in`.
 *
 *   node bench/shop-floor/index.ts sustained 6000 60 | burst 100000 | kills 60 | bare 60
 */
import { bareUnderKills, waybillUnderKills, type KillsResult } from './kills.ts';
import { burst, sustained, type BurstSpan, type SustainedSpan } from './sustained.ts';

export type { KillsResult } from './kills.ts';

export interface ShopFloorResult {
  readonly sustained: readonly SustainedSpan[];
  readonly burst: BurstSpan;
  readonly kills: KillsResult;
  readonly bareKills: KillsResult;
}

export async function benchShopFloor(quick: boolean): Promise<ShopFloorResult> {
  const seconds = quick ? 5 : 60;
  const kills = { rate: 3_000, seconds: quick ? 15 : 60, kills: quick ? 2 : 6, brokerEverySeconds: quick ? 5 : 10 };
  return {
    sustained: [await sustained(6_000, seconds), await sustained(3_000, quick ? 5 : 30)],
    burst: await burst(quick ? 5_000 : 100_000),
    kills: await waybillUnderKills(kills),
    bareKills: await bareUnderKills(kills),
  };
}

if (import.meta.main) {
  const [what = 'sustained', one = '', two = '', ...nodeOptions] = process.argv.slice(2);
  const kills = { rate: 3_000, seconds: Number(one || 60), kills: 6, brokerEverySeconds: 10 };
  const result = what === 'burst' ? await burst(Number(one || 100_000))
    : what === 'kills' ? await waybillUnderKills(kills)
      : what === 'bare' ? await bareUnderKills(kills)
        : await sustained(Number(one || 6_000), Number(two || 10), nodeOptions);
  console.log(JSON.stringify(result, null, 1));
}
