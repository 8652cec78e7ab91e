import type { EventLog } from '../adapters/event-log';
import type { RowStore, StoredLike } from '../adapters/row-store';
import type { Clock } from '../runtime/clock';
import { LikestreamError } from '../schemas/errors';
import { type LikeRecord, likes, rowOf } from '../schemas/likes';
import type { Measures } from '../schemas/measures';
import type { AppendSequence, SequenceRange } from './append-sequence';
import type { StoreAvailability } from './store-availability';

export interface LikeWriterOptions {
  readonly log: EventLog;
  readonly store: RowStore;
  readonly availability: StoreAvailability;
  readonly sequence: AppendSequence;
  readonly clock: Clock;
  readonly measures: Measures;
}

/** What the likes of one call have in common. */
export interface WriteContext {
  readonly channel: string;
  readonly memberId: string;
  /** The producer's clock when the request arrived, ms since the epoch. */
  readonly at: number;
}

/** Writes likes: first into the log, then into the store. */
export class LikeWriter {
  constructor(private readonly options: LikeWriterOptions) {}

  /**
   * Writes a like for each id, with its reaction. Resolves with their rows, in this order. Rejects
   * with `log_refused`, `log_unavailable` or `store_unavailable`.
   */
  async write(
    context: WriteContext,
    reactions: ReadonlyMap<string, string>,
  ): Promise<StoredLike[]> {
    const { clock, log, measures, sequence } = this.options;
    const { channel } = context;
    const startedAt = clock.monotonic();
    const range = sequence.reserve(reactions.size);
    const records = recordsOf(context, reactions, range);
    try {
      const entries = records.map((record) => ({ key: channel, value: JSON.stringify(record) }));
      const offsets = await log.append(likes.topic, entries);
      const loggedAt = clock.monotonic();
      const rows = records.map((record, index) => rowOf(channel, record, offsets[index] ?? 0));
      await this.insert(channel, rows);
      sequence.confirm(range);
      measures.stage('logged', loggedAt - startedAt);
      measures.stage('stored', clock.monotonic() - loggedAt);
      return rows;
    } catch (error) {
      // A refused append is not in the log. After any other failure the owner stores the records
      // that are in the log, because this producer's name falls silent.
      const isRefused = error instanceof LikestreamError && error.code === 'log_refused';
      if (isRefused) sequence.confirm(range);
      else sequence.startNewName();
      throw error;
    }
  }

  private async insert(channel: string, rows: readonly StoredLike[]): Promise<void> {
    try {
      await this.options.store.insert(channel, rows);
    } catch (error) {
      this.options.availability.noteFailure();
      throw error;
    }
  }
}

function recordsOf(
  { at, memberId }: WriteContext,
  reactions: ReadonlyMap<string, string>,
  { first, producer, stored }: SequenceRange,
): LikeRecord[] {
  return [...reactions].map(([likeId, reaction], index) => {
    return { likeId, memberId, reaction, at, producer, seq: first + index, stored };
  });
}
