import { systemClock as clock } from '../runtime/clock';
import type { Settings } from '../runtime/settings/settings';
import { DiskProbe } from './disk-probe';
import type { ShutdownStack } from './shutdown-stack';

/** The name of a process that ends among what is missing. */
const STOP = 'stop';

/**
 * Returns a function that names what a process lacks to accept anything: its disk, if it stores
 * entries itself, or time, because it ends.
 */
export function readiness(
  { DATA_DIR, ROLE }: Pick<Settings, 'DATA_DIR' | 'ROLE'>,
  shutdown: Pick<ShutdownStack, 'isEnding'>,
): () => Promise<readonly string[]> {
  const disk = ROLE ? undefined : new DiskProbe(DATA_DIR, clock);
  return async () => [...(shutdown.isEnding ? [STOP] : ((await disk?.missing()) ?? []))];
}
