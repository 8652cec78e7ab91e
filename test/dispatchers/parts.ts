import type { LogRecord } from '../../adapters/log-source';
import type { StateStore } from '../../adapters/state-store';
import { DuplicateFilter } from '../../dispatchers/owner/duplicate-filter';
import { Fold } from '../../dispatchers/owner/fold';
import { Partition, type PartitionOptions } from '../../dispatchers/owner/partition';
import { DedupeWindow } from '../../schemas/dedupe-window';
import { LikestreamError } from '../../schemas/errors';
import type { Position } from '../../schemas/position';
import { isNewer, type State } from '../../schemas/state';
import { FakeStore } from '../producers/parts';
import { VirtualClock } from '../simulation/virtual-clock';

export const WINDOW_MS = 120_000;

/** The origin of most tests' states. */
export const ORIGIN = 'dc1.1';

/** Saved states in memory, or away. */
export class FakeStates implements StateStore {
  readonly cells = new Map<string, State>();
  readonly loads: string[][] = [];
  away = false;
  /** What saves, and what loads, wait for. */
  until: Promise<void> = Promise.resolve();
  loadUntil: Promise<void> = Promise.resolve();

  async load(channels: readonly string[]): Promise<readonly State[]> {
    this.loads.push([...channels]);
    await this.loadUntil;
    if (this.away) throw new LikestreamError('store_unavailable');
    return [...this.cells.values()].filter(({ channel }) => channels.includes(channel));
  }

  async save(states: readonly State[]): Promise<void> {
    const copies = states.map((state) => ({ ...state }));
    await this.until;
    if (this.away) throw new LikestreamError('store_unavailable');
    for (const state of copies) {
      const name = `${state.channel}/${state.origin}`;
      if (isNewer(state, this.cells.get(name))) this.cells.set(name, state);
    }
  }

  /** How many likes the saved states count. */
  total(channel: string): number {
    const own = this.cells.get(`${channel}/${ORIGIN}`);
    return Object.values(own?.counts ?? {}).reduce((sum, count) => sum + count, 0);
  }
}

export interface GroundOptions {
  readonly dedupe?: DedupeWindow;
  /** Ids of one generation that a partition remembers. */
  readonly maxIds?: number;
  /** Whether the origin's log replaced an earlier one. */
  readonly followsAnotherLog?: boolean;
}

/** An owner's partition on parts that the test holds; `open` makes a successor on the same. */
export function ground(options: GroundOptions = {}) {
  const { dedupe = new DedupeWindow(WINDOW_MS) } = options;
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
        fold: new Fold(ORIGIN, states),
        duplicates: new DuplicateFilter(position, { ...options, clock, dedupe }),
        origin: ORIGIN,
        unreadable: (record) => unreadable.push(record),
        secret: 'secret',
        windowMs: WINDOW_MS,
        ...{ clock, store },
        ...(peers && { peers }),
      },
    );
  return { clock, store, states, unreadable, open };
}
