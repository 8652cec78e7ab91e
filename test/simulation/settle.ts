import type { Crowd } from './crowd';
import type { Datacenters } from './datacenters';

/**
 * Viewers still lose streams at rest. A frontend notices that within 4 s, and the new state is
 * shown within 2 s.
 */
const SETTLED_MS = 6_000;
const MAX_SETTLE_MS = 60_000;

/**
 * Waits until something is true, or until all viewers have streams and none was opened or lost
 * lately.
 */
export async function settle(
  { clock }: Datacenters,
  { viewers }: Crowd,
  isTrue: () => boolean = () => false,
): Promise<void> {
  const isSettled = (): boolean => {
    const sinceMs = Math.min(...viewers.map(({ changedAt }) => clock.monotonic() - changedAt));
    // One that comes back after it was away connects within some seconds.
    const hasAll = viewers.every(({ isAway, stream }) => isAway || stream !== undefined);
    return sinceMs >= SETTLED_MS && hasAll;
  };
  for (let ms = 0; ms < MAX_SETTLE_MS && !isTrue() && !isSettled(); ms += SETTLED_MS) {
    await clock.advance(SETTLED_MS);
  }
}
