import type { Moments } from '../../adapters/moments';
import { MOMENTS } from '../../schemas/names';
import type { SimulatedProcess } from './process';
import { SimulatedMoments } from './simulated-moments';
import { NAMES, topicOf } from './types';
import type { World } from './world';

/** The moments of a process of a datacenter. */
export function momentsOf(
  { name, network, random, servers }: World,
  process: SimulatedProcess,
  peers: readonly string[],
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
  });
}
