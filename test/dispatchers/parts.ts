import { z } from 'zod';
import type { LogRecord } from '../../adapters/log-source';
import type { StateStore } from '../../adapters/state-store';
import { DuplicateFilter } from '../../dispatchers/owner/duplicate-filter';
import { Fold } from '../../dispatchers/owner/fold';
import { Partition, type PartitionOptions } from '../../dispatchers/owner/partition';
import { DedupeWindow } from '../../schemas/dedupe-window';
import { LikestreamError } from '../../schemas/errors';
import { eventType, type LoggedType } from '../../schemas/event-type';
import { EventTypes } from '../../schemas/event-types';
import { likes } from '../../schemas/likes';
import { type Counts, counter, totalOf } from '../../schemas/policies/counter';
import type { Position } from '../../schemas/position';
import type { State, Versioned } from '../../schemas/state';
import { FakeStore } from '../producers/parts';
import { VirtualClock } from '../simulation/virtual-clock';

export const WINDOW_MS = 120_000;

/** The origin of most tests' states. */
export const ORIGIN = 'dc1.1';

const counts = z.record(z.string(), z.int());

/** A second type: each member counts once a channel. */
export const votes = eventType({
  name: 'votes',
  channelKind: 'video',
  idName: 'memberId',
  idFrom: 'member',
  body: z.object({ option: z.string() }),
  columns: { option: 'text' },
  exact: true,
  maxPerRequest: 1,
  sharesRecords: true,
  policy: counter<{ option: string }>({
    ...{ event: 'votes', field: 'options', totalField: 'votes' },
    key: ({ option }) => option,
  }),
});

/** A third type, whose ids are not compared with those of other datacenters. */
export const views = eventType({ ...likes, name: 'views', exact: false });

/** The types of most tests. */
export const types = new EventTypes([likes, votes, views]);

/** A state of likes. */
export function counted(version: number, counts: Counts, lookUpUntil?: number): Versioned<Counts> {
  return { version, state: counts, ...(lookUpUntil !== undefined && { lookUpUntil }) };
}

/** Saved states in memory; may be unavailable. */
export class FakeStates implements StateStore {
  readonly cells = new Map<string, State>();
  readonly loads: string[][] = [];
  isUnavailable = false;
  /** Saves wait for this promise. */
  until: Promise<void> = Promise.resolve();
  /** Loads wait for this promise. */
  loadUntil: Promise<void> = Promise.resolve();

  async load(channels: readonly string[], type?: string): Promise<readonly State[]> {
    this.loads.push([...channels]);
    await this.loadUntil;
    if (this.isUnavailable) throw new LikestreamError('store_unavailable');
    const all = [...this.cells.values()].filter(({ channel }) => channels.includes(channel));
    return all.filter((state) => type === undefined || state.type === type);
  }

  async save(states: readonly State[]): Promise<void> {
    const copies = states.map((state) => ({ ...state }));
    await this.until;
    if (this.isUnavailable) throw new LikestreamError('store_unavailable');
    for (const state of copies) {
      const name = nameOf(state);
      const version = this.cells.get(name)?.version ?? -1;
      if (state.version > version) this.cells.set(name, state);
    }
  }

  /** Our saved state of a channel. */
  own(channel: string, type = likes.name, origin = ORIGIN): State | undefined {
    return this.cells.get(nameOf({ channel, type, origin }));
  }

  /** The number of entries in our saved state. */
  total(channel: string, { name }: Pick<LoggedType, 'name'> = likes): number {
    return totalOf(countsIn(this.own(channel, name)));
  }
}

function nameOf({ channel, origin, type }: Pick<State, 'channel' | 'type' | 'origin'>): string {
  return `${channel}/${type}/${origin}`;
}

/** The counts of a state of a counter. */
export function countsIn(state: Pick<Versioned, 'state'> | undefined): Counts {
  return counts.parse(state?.state ?? {});
}

export interface GroundOptions {
  /** The type of the log's entries; likes if not given. */
  readonly type?: LoggedType;
  readonly dedupe?: DedupeWindow;
  /** Ids of one generation that a partition remembers. */
  readonly maxIds?: number;
  /** Whether the origin's log replaced an earlier one. */
  readonly followsAnotherLog?: boolean;
}

/** A clock, a store and states of the test; `open` makes an owner's partition on them. */
export function ground(options: GroundOptions = {}) {
  const { dedupe = new DedupeWindow(WINDOW_MS), type = likes } = options;
  const clock = new VirtualClock();
  const store = new FakeStore();
  const states = new FakeStates();
  const unreadable: LogRecord[] = [];
  const open = (
    position: Position & { readonly end?: number } = { done: 0, from: 0 },
    peers?: PartitionOptions['peers'],
  ): Partition =>
    new Partition(
      { end: position.done, ...position },
      {
        type,
        fold: new Fold({ origin: ORIGIN, type, types, states }),
        duplicates: new DuplicateFilter(position, { ...options, clock, dedupe }),
        origin: ORIGIN,
        unreadable: (record) => unreadable.push(record),
        secret: 'secret',
        windowMs: WINDOW_MS,
        ...{ clock, store },
        ...(peers && { peers }),
      },
    );
  return { clock, dedupe, store, states, unreadable, open };
}
