import type { Publication } from '../../schemas/peer-update';
import type { Fold } from '../owner/fold';
import { byChannel } from '../owner/log-event';
import type { EntryKey } from './cross-datacenter-duplicates';

/** Publications of counted likes, with the newest states of their channels, which must be loaded. */
export function republications(
  likes: readonly Pick<EntryKey, 'channel' | 'likeId'>[],
  fold: Fold,
  t: number,
): Publication[] {
  return [...byChannel(likes)].map(([channel, items]) => ({
    update: { channel, t, vector: fold.vector(channel) },
    counted: items.map(({ likeId }) => likeId),
  }));
}
