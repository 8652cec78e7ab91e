import type { History, HistoryRow } from '../../adapters/history';
import type { RowStore } from '../../adapters/row-store';
import { Fold, type FoldOptions } from '../../dispatchers/owner/fold';
import { HistorySync } from '../../dispatchers/owner/history-sync';
import { PendingDeletions } from '../../dispatchers/peers/pending-deletions';
import type { LoggedType } from '../../schemas/event-type';
import { EventTypes } from '../../schemas/event-types';
import type { Ring } from '../../schemas/policies/append-ring';
import type { Cells } from '../../schemas/policies/cells';
import type { Entry, LoggedPolicy } from '../../schemas/policy';
import type { Versioned } from '../../schemas/state';
import { placeIn } from './comment-place';
import type { Pages } from './producer-parts';
import type { BrokenOptions } from './site';
import { COMMENTS, RECEIPTS, TYPES } from './types';

/** Publishes deltas to the cache, too. */
class CachesDeltas extends Fold {
  override changes(...args: Parameters<Fold['changes']>): ReturnType<Fold['changes']> {
    return { vector: super.changes(...args).vector };
  }
}

/** Saves each second state before its rows of the history are written. */
class SavesBeforeHistory extends Fold {
  constructor(options: FoldOptions) {
    super({ ...options, history: options.history && flushedLater(options.history) });
  }
}

/** Looks up entries that are not stored yet. */
class LooksUpTooEarly extends PendingDeletions {
  override flush(): Promise<void> {
    return super.flush(() => false);
  }
}

function flushedLater(history: HistorySync): HistorySync {
  let isDue = false;
  const flush = async (): Promise<void> => {
    isDue = !isDue;
    if (!isDue) await HistorySync.prototype.flush.call(history);
  };
  return Object.create(history, { flush: { value: flush } });
}

/** Numbers the rows that it reads without a gap, whatever is missing. */
function withoutGaps(whole: History): History {
  const dense = (rows: readonly HistoryRow[], step: 1 | -1): HistoryRow[] => {
    const first = rows[0]?.number ?? 0;
    return rows.map((row, at) => ({ ...row, number: first + step * at }));
  };
  return {
    write: (channel, origin, rows) => whole.write(channel, origin, rows),
    oldest: async (range) => dense(await whole.oldest(range), 1),
    newest: async (range) => dense(await whole.newest(range), -1),
  };
}

/** Passes over a deletion whose comment an earlier page has. */
function withoutDeletions(whole: Pages, rows: Pick<RowStore, 'find'>): Pages {
  return {
    async load(channel, states, query) {
      const page = await whole.load(channel, states, query);
      const { after } = query;
      if (!after) return page;
      const deleted = page.entries.filter(({ isDeleted }) => isDeleted).map(({ id }) => id);
      const found = deleted.length > 0 ? await rows.find(channel, deleted) : [];
      const before = found.filter(({ place }) => {
        const { offset, origin } = placeIn(place);
        return offset <= (after.get(origin) ?? -1);
      });
      const passed = new Set(before.map(({ id }) => id));
      return { ...page, entries: page.entries.filter(({ id }) => !passed.has(id)) };
    },
  };
}

type Rings = Versioned<Ring>;

/** The cancel of a comment removes its body. */
function withoutBody(before: unknown, cancelled: string): unknown {
  const { entries, ...ring } = before as Ring;
  const others = entries.map(({ body, ...entry }) => {
    return entry.id === cancelled ? entry : { ...entry, body };
  });
  return { ...ring, entries: others };
}

/** Evicts entries of a state without a note of it. */
const KEEPS_FLOOR: Partial<LoggedPolicy> = {
  fold(before, entry, offset) {
    const { floor } = before as Ring;
    return { ...(COMMENTS.policy.fold(before, entry, offset) as Ring), floor };
  },
};

/** A merge brings a removed body back. */
const RESTORES_BODIES: Partial<LoggedPolicy> = {
  merge(one, other) {
    const merged = COMMENTS.policy.merge(one, other) as Rings;
    const bodies = new Map<number, unknown>();
    for (const { state } of [one, other] as Rings[]) {
      for (const { body, offset } of state.entries) if (body) bodies.set(offset, body);
    }
    const entries = merged.state.entries.map((entry) => {
      return { ...entry, body: entry.body ?? bodies.get(entry.offset) };
    });
    return { ...merged, state: { ...merged.state, entries } };
  },
};

/** The last receipt of a member counts, although it may be older. */
const LAST_COUNTS: Partial<LoggedPolicy> = {
  fold(before, entry, offset) {
    const { cells } = before as Cells;
    const others = cells.filter(({ key }) => key !== entry.memberId);
    return RECEIPTS.policy.fold({ cells: others }, entry, offset);
  },
  admit: (_, { body }: Pick<Entry, 'body'>) => ({ body }),
};

function withPolicy(type: LoggedType, policy: Partial<LoggedPolicy>): BrokenOptions {
  const changed = { ...type, policy: { ...type.policy, ...policy } };
  return { types: new EventTypes(TYPES.all.map((each) => (each === type ? changed : each))) };
}

/** Parts that lack one mechanism of comments, receipts or attributes. */
export const BROKEN_LOGGED: Readonly<Record<string, BrokenOptions>> = {
  'the gap of evicted comments': withPolicy(COMMENTS, KEEPS_FLOOR),
  'the removal of a body at a merge': withPolicy(COMMENTS, RESTORES_BODIES),
  'the order of receipts': withPolicy(RECEIPTS, LAST_COUNTS),
  'the history before the state': { fold: SavesBeforeHistory },
  'deletions at their own places on pages': { pages: withoutDeletions },
  'whole states in the cache': { fold: CachesDeltas },
};

/** The same of mechanisms that only several datacenters have. */
export const BROKEN_LOGGED_BETWEEN: Readonly<Record<string, BrokenOptions>> = {
  'a copy that was cancelled': withPolicy(COMMENTS, { unfold: withoutBody }),
  'deleting in our own log, too': withPolicy(COMMENTS, { undeleted: () => [] }),
  'the ids of deletions in updates': withPolicy(COMMENTS, {
    undeleted: (own, other) => COMMENTS.policy.undeleted?.(own, other) ?? [],
  }),
  'the look-up of deleted entries': withPolicy(COMMENTS, {
    undeleted: (...states) =>
      (COMMENTS.policy.undeleted?.(...states) ?? []).filter(({ isOwn }) => isOwn === true),
  }),
  'deletions of entries that are not stored yet': { deletions: LooksUpTooEarly },
  'waiting for a late row of a history': { pageHistory: withoutGaps },
};
