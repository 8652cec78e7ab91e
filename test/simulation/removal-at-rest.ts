import type { Crowd } from './crowd';
import type { Datacenters } from './datacenters';
import { wrongCounts, wrongPresence } from './leased-promises';
import { killFrontend } from './process-faults';

/** Time for the judgement of the lease, the removal of all values, and its repetition. */
const REST_MS = 20_000;

/**
 * At rest, kills a frontend of each datacenter, and loses the answer to the first removal of its
 * values. Its viewers do not come back, so no later change repairs the numbers of viewers.
 */
export async function loseRemovalAtRest(all: Datacenters, crowd: Crowd): Promise<string[]> {
  const before = crowd.viewers.map((viewer) => ({ viewer, at: viewer.stream?.frontend }));
  for (const world of all.worlds) {
    const { frontend, worker } = killFrontend(world);
    world.servers.unpublished.arm(worker.id);
    for (const { at, viewer } of before) {
      if (at === frontend) viewer.depart(Number.POSITIVE_INFINITY);
    }
  }
  await all.clock.advance(REST_MS);
  return [...(await wrongCounts(all, crowd)), ...(await wrongPresence(all, crowd))];
}
