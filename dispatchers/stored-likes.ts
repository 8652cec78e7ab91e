import type { LikeStore, Offsets } from '../producers/store';
import { byChannel, type Logged } from './log-event';

/** Which logs have each of the events' likes, where the store knows it. */
export async function storedOf(
  events: readonly Logged[],
  store: LikeStore,
): Promise<Map<Logged, Offsets>> {
  const stored = new Map<Logged, Offsets>();
  for (const [channel, theirs] of byChannel(events)) {
    const ids = theirs.map(({ record }) => record.likeId);
    const offsets = await store.offsets(channel, ids);
    for (const event of theirs) {
      const found = offsets.get(event.record.likeId);
      if (found) stored.set(event, found);
    }
  }
  return stored;
}
