import type { Publication } from '../schemas/broadcast';
import type { Named } from './doubles';
import type { Fold } from './fold';
import { byChannel } from './log-event';

/** Publications of counted likes, with the newest states of their channels, which must be loaded. */
export function republications(
  likes: readonly Pick<Named, 'channel' | 'likeId'>[],
  fold: Fold,
  t: number,
): Publication[] {
  return [...byChannel(likes)].map(([channel, items]) => ({
    update: { channel, t, vector: fold.vector(channel) },
    counted: items.map(({ likeId }) => likeId),
  }));
}
