import type { Update } from '../../schemas/delivery';
import type { Publication } from '../../schemas/peer-update';
import { byChannel } from '../by-channel';
import type { EntryKey } from '../owner/entry-key';

/** Publications of counted entries, with the states of their channels (`updateOf`). */
export function republications(
  entries: readonly EntryKey[],
  updateOf: (channel: string) => Update,
): Publication[] {
  return [...byChannel(entries)].map(([channel, ofChannel]) => ({
    update: updateOf(channel),
    counted: ofChannel.map(({ entryId }) => entryId),
  }));
}
