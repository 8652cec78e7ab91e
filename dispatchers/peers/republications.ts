import type { Publication } from '../../schemas/peer-update';
import { byChannel } from '../by-channel';
import type { EntryKey } from '../owner/entry-key';
import type { Fold } from '../owner/fold';

/** Publications of counted likes, with the states of their channels, which must be loaded. */
export function republications(
  likes: readonly EntryKey[],
  fold: Pick<Fold, 'vector'>,
  t: number,
): Publication[] {
  return [...byChannel(likes)].map(([channel, ofChannel]) => ({
    update: { channel, t, vector: fold.vector(channel) },
    counted: ofChannel.map(({ likeId }) => likeId),
  }));
}
