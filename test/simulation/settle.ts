import type { Crowd } from './crowd';
import type { Datacenters } from './datacenters';

/**
 * Viewers still lose streams at rest. A frontend notices that within 4 s, and the new state is
 * shown within 2 s.
 */
const SETTLED_MS = 6_000;
const MAX_SETTLE_MS = 60_000;

/** Waits until something is true, or until no viewer has opened or lost a stream lately. */
export async function settle(
  { clock }: Datacenters,
  { viewers }: Crowd,
  isTrue: () => boolean = () => false,
): Promise<void> {
  const isSettled = (): boolean => {
    return viewers.every(({ changedAt }) => clock.monotonic() - changedAt >= SETTLED_MS);
  };
  for (let ms = 0; ms < MAX_SETTLE_MS && !isTrue() && !isSettled(); ms += SETTLED_MS) {
    await clock.advance(SETTLED_MS);
  }
}
