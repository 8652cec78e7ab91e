import type { HistoryRow } from '../../adapters/history';
import type { Versions } from './comment-feed';
import { type CommentPlace, placeIn } from './comment-place';
import { COMMENTS } from './types';
import type { World } from './world';

/** More rows than any run has. */
const ALL_ROWS = 1_000_000;

/** A comment as the store has it. */
export interface StoredComment {
  readonly id: string;
  /** The copy that counts. */
  readonly place: CommentPlace;
  /** By origin, the first copy in its log, those that were cancelled included. */
  readonly copies: Versions;
  readonly isDeleted: boolean;
}

/** What the store has of the comments of one channel. */
export interface CommentTruth {
  readonly channel: string;
  readonly comments: ReadonlyMap<string, StoredComment>;
  /** By origin, all rows of its history. */
  readonly history: ReadonlyMap<string, readonly HistoryRow[]>;
}

/** Reads the comments of a channel and their histories at one datacenter. */
export async function truthOf(
  channel: string,
  { servers }: World,
  origins: readonly string[],
): Promise<CommentTruth> {
  const comments = new Map<string, StoredComment>();
  const copies = servers.copiesOf(COMMENTS, channel);
  for (const { id, isDeleted = false, place } of await servers.entries(COMMENTS, channel)) {
    const row = copies.get(id);
    const offsets = [...(row?.copies ?? [])].map(([of, { offset }]) => [of, offset] as const);
    comments.set(id, {
      ...{ id, place: placeIn(place), isDeleted },
      copies: new Map(offsets),
    });
  }
  const history = new Map<string, readonly HistoryRow[]>();
  for (const origin of origins) {
    const range = { channel, origin, limit: ALL_ROWS };
    history.set(origin, await servers.historyOf(COMMENTS).oldest(range));
  }
  return { channel, comments, history };
}
