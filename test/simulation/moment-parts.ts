import type { Moments } from '../../adapters/moments';
import { MOMENTS } from '../../schemas/names';
import type { Network } from './network';
import type { SimulatedProcess } from './process';
import type { Seeded } from './seeded';
import type { Servers } from './servers';
import { SimulatedMoments, type SimulatedMomentsOptions } from './simulated-moments';
import { NAMES, topicOf } from './types';

/** A datacenter, as its moments need it. */
interface Around {
  readonly name: string;
  readonly network: Network;
  readonly random: Seeded;
  readonly servers: Servers;
}

/** The moments of a process of a datacenter. */
export function momentsOf(
  { name, network, random, servers }: Around,
  process: SimulatedProcess,
  peers: readonly string[],
  received?: SimulatedMomentsOptions['received'],
): Moments {
  const topic = topicOf(MOMENTS);
  return new SimulatedMoments({
    appends: process.outside(network.to(() => servers.moments, 'log_unavailable')),
    topics: () => servers.moments,
    group: () => servers.momentGroup,
    processId: random.entropy.secretId(),
    datacenter: name,
    topic,
    peers: new Map(peers.map((peer) => [NAMES.mirrored(peer, topic), peer])),
    clock: process.clock,
    received,
  });
}
