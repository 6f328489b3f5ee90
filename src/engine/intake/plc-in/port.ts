import { addressKey } from '../../../domain/envelope.ts';
import type { PlcIntakePort } from '../../../intake/opcua/index.ts';
import type { PositionOf } from '../../positions.ts';
import { intakePort } from '../intake-node.ts';
import type { PlcAround } from './mode.ts';

type Place = Pick<PlcAround, 'waybill' | 'site' | 'step' | 'link'>;

export function positionOf({ site, step, link }: Place): PositionOf {
  return { what: 'plc', address: addressKey(step.address), site: site.id, source: link.name };
}

/** What an intake from a controller asks of the engine, at the place of its node. */
export function plcPort(place: Place): PlcIntakePort {
  const { waybill: { nodes }, site, step, link } = place;
  const position = positionOf(place);
  return {
    ...intakePort(nodes),
    openCase: (opening) => nodes.openCase({ step, ...opening }),
    recordGap: ({ fromMs, toMs, ...gap }) => nodes.recordGap({
      site: site.id, what: 'plc', source: link.name, ...gap, ...(fromMs > 0 ? { fromTime: new Date(fromMs).toISOString() } : {}), toTime: new Date(toMs).toISOString(),
    }),
    keepPosition: (sequence, kept) => nodes.keepPosition(position, sequence, kept),
  };
}
