import { type Clock, every } from '../../../runtime/clock';

/** How often a member of the consumer group is kept alive during a long batch. */
const BEAT_MS = 1_000;

/**
 * The outcome of `work`, with a heartbeat every second meanwhile: kafkajs sends heartbeats only
 * between batches, so a batch that takes longer than the session would lose the partitions.
 */
export async function withHeartbeats<T>(
  clock: Clock,
  heartbeat: () => Promise<void>,
  work: () => Promise<T>,
): Promise<T> {
  // A heartbeat that fails shows at the next fetch.
  const beats = every(clock, BEAT_MS, () => heartbeat().catch(() => undefined));
  try {
    return await work();
  } finally {
    beats.cancel();
  }
}
