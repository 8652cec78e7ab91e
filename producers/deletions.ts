import type { EventLog } from '../adapters/event-log';
import type { RowStore } from '../adapters/row-store';
import type { Clock } from '../runtime/clock';
import { LikestreamError } from '../schemas/errors';
import type { LoggedType } from '../schemas/event-type';
import { type DeleteRecord, encodeRecord } from '../schemas/record';
import type { NewestStates } from './newest-states';

export interface DeletionsOptions {
  readonly type: LoggedType;
  readonly log: EventLog;
  readonly store: Pick<RowStore, 'find' | 'remove'>;
  readonly states: Pick<NewestStates, 'load'>;
  readonly clock: Pick<Clock, 'now'>;
}

/** Who asks for a deletion. */
export interface Deleter {
  readonly memberId: string;
  /** Whether it may delete the entries of others. */
  readonly isModerator: boolean;
}

/** Deletes entries of one type: writes it into the log and the store, and only then answers. */
export class Deletions {
  constructor(private readonly options: DeletionsOptions) {}

  /**
   * Deletes an entry of any datacenter; one that is deleted already stays so. Rejects with
   * `not_found`, with `forbidden` for an entry of someone else, and with `log_refused`,
   * `log_unavailable` or `store_unavailable`. A call that is made again is harmless.
   */
  async delete(channel: string, id: string, { isModerator, memberId }: Deleter): Promise<void> {
    const { clock, log, store, type } = this.options;
    const [stored] = await store.find(channel, [id]);
    const author = stored?.memberId ?? (await this.recentAuthor(channel, id));
    if (author === undefined) throw new LikestreamError('not_found', `there is no entry ${id}`);
    if (!isModerator && author !== memberId) {
      throw new LikestreamError('forbidden', 'the entry is of another member');
    }
    // It is in a log: the row is marked after the append.
    if (stored?.isDeleted) return;
    const record: DeleteRecord = { deletes: id, memberId, at: clock.now() };
    await log.append(type.name, [{ key: channel, value: encodeRecord(record), parsed: record }]);
    await store.remove(channel, [id]);
  }

  /** The author of an entry that viewers see already, while its row is not in the store here. */
  private async recentAuthor(channel: string, id: string): Promise<string | undefined> {
    const { states, type } = this.options;
    const vector = await states.load(channel, type.name);
    const rows = Object.values(vector).flatMap((state) => type.policy.recent?.(state).rows ?? []);
    return rows.find((row) => row.id === id && row.entry)?.entry?.memberId;
  }
}
