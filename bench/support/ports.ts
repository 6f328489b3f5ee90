import { freePort } from '../../scripts/lib/free-port.ts';

/** TCP ports that are free on loopback, all different. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const ports: number[] = [];
  while (ports.length < count) ports.push(await freePort());
  return ports;
}
