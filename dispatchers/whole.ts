import type { Update } from '../schemas/delivery';
import { mergeVectors, type State, toVector } from '../schemas/state';
import type { StateCache } from './directory';
import type { StateStore } from './states';

/**
 * The updates with every origin's state: what is cached, or what is saved where nothing is cached.
 * Whoever finds a channel in the cache takes it for whole, so it has to be whole when it comes there.
 */
export async function whole(
  updates: readonly Update[],
  { cache, states }: { readonly cache: StateCache; readonly states: StateStore },
): Promise<Update[]> {
  const cached = await cache.get(updates.map(({ channel }) => channel));
  const missing = updates.map(({ channel }) => channel).filter((channel) => !cached.has(channel));
  const saved = missing.length > 0 ? await states.load(missing) : [];
  return updates.map((update) => {
    const { channel, vector } = update;
    const known = cached.get(channel) ?? toVector(saved.filter(isOf(channel)));
    return { ...update, vector: mergeVectors(known, vector) };
  });
}

function isOf(channel: string): (state: State) => boolean {
  return (state) => state.channel === channel;
}
