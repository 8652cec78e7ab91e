import type { History, HistoryRow } from '../../../adapters/history';
import type { LogRecord } from '../../../adapters/log-source';
import { DuplicateFilter } from '../../../dispatchers/owner/duplicate-filter';
import { Fold } from '../../../dispatchers/owner/fold';
import { HistorySync } from '../../../dispatchers/owner/history-sync';
import { Partition } from '../../../dispatchers/owner/partition';
import { PendingDeletions } from '../../../dispatchers/peers/pending-deletions';
import { comments } from '../../../schemas/comments';
import type { Update } from '../../../schemas/delivery';
import { LikestreamError } from '../../../schemas/errors';
import { EventTypes } from '../../../schemas/event-types';
import type { Ring } from '../../../schemas/policies/append-ring';
import type { Position } from '../../../schemas/position';
import { encodeRecord } from '../../../schemas/record';
import type { Versioned } from '../../../schemas/state';
import { VIDEO } from '../../fixtures/records';
import { FakeLog } from '../../producers/parts';
import { ground, ORIGIN, WINDOW_MS } from '../parts';

export const START = 1_700_000_000_000;

export type RingState = Versioned<Ring<{ text: string }>>;

/** The record of a comment; its producer has stored all before `stored`, this one by default. */
export function commented(
  offset: number,
  id = `c${offset}`,
  text = 'a text',
  stored = offset + 1,
): LogRecord {
  const entry = { id, memberId: 'ann', at: START + offset, body: { text } };
  const head = { producer: 'producer-1', seq: offset + 1, stored };
  const value = encodeRecord({ ...head, entries: [entry] });
  return { offset, key: VIDEO, value, appendedAt: START + offset };
}

/** The record of a deletion. */
export function deleted(offset: number, id: string): LogRecord {
  const value = encodeRecord({ deletes: id, memberId: 'ann', at: START + offset });
  return { offset, key: VIDEO, value, appendedAt: START + offset };
}

/** A row of the history. */
export function rowAt(offset: number): HistoryRow {
  return { offset, number: offset + 1, id: `c${offset}`, isDeletion: false };
}

/** A history in memory; may be unavailable. */
export class FakeHistory implements History {
  readonly rows = new Map<number, HistoryRow>();
  isUnavailable = false;
  /** Writes wait for this promise. */
  until: Promise<void> = Promise.resolve();

  async write(_channel: string, _origin: string, rows: readonly HistoryRow[]): Promise<void> {
    await this.until;
    if (this.isUnavailable) throw new LikestreamError('store_unavailable');
    for (const row of rows) this.rows.set(row.offset, row);
  }

  oldest = async () => [];
  newest = async () => [];

  /** The rows in order, as `NUMBER ID`, deletions with a minus. */
  get texts(): string[] {
    const all = [...this.rows.values()].sort((one, other) => one.offset - other.offset);
    return all.map(({ id, isDeletion, number }) => `${number} ${isDeletion ? '-' : ''}${id}`);
  }
}

/** Partitions of comments, on a history, a log and states of the test. */
export function commentGround() {
  const type = comments;
  const { clock, dedupe, states, store, unreadable } = ground({ type });
  const history = new FakeHistory();
  const log = new FakeLog(type);
  const types = new EventTypes([type]);
  const rows = () => new HistorySync({ history, origin: ORIGIN });
  /** A partition; `waiting` are its rows that wait. */
  const open = (
    position: Position & { end?: number } = { done: 0, from: 0 },
    waiting = rows(),
    origin = ORIGIN,
  ) =>
    new Partition(
      { end: position.done, ...position },
      {
        ...{ type, store, clock, origin, windowMs: WINDOW_MS, secret: 'secret' },
        fold: new Fold({ origin, type, types, states, history: waiting }),
        duplicates: new DuplicateFilter(position, { clock, dedupe }),
        unreadable: (record) => unreadable.push(record),
        deletions: new PendingDeletions({ type, origin, log, store, clock }),
      },
    );
  /** Our saved state of the video. */
  const saved = () => states.own(VIDEO, type.name) as RingState | undefined;
  return { clock, history, log, open, rows, saved, states, store, types, unreadable };
}

/** Our state in an update: a delta, or the whole one. */
export function ringIn(update: Update | undefined, origin = ORIGIN): RingState {
  const state = update?.vector[origin];
  if (!state) throw new Error('no state');
  return state as RingState;
}

/** The ids of a ring's entries with a text. */
export function idsIn({ state }: RingState): string[] {
  return state.entries.flatMap(({ body, id }) => (body === undefined ? [] : [id]));
}
