import type { LeasedFeed } from '../../adapters/contributions';
import type { StateCache } from '../../adapters/state-cache';
import type { StateStore } from '../../adapters/state-store';
import type { Clock, Timer } from '../../runtime/clock';
import type { LeasedType } from '../../schemas/event-type';
import type { State, Versioned } from '../../schemas/state';

/** The time between two looks at the feeds that are due. */
const TICK_MS = 1_000;

/** Feeds that wait; if there are more, the oldest are saved early. */
const MAX_FEEDS = 100_000;

/** Feeds of one save. */
const FEEDS_PER_SAVE = 200;

export interface LeasedSavesOptions {
  readonly cache: Pick<StateCache, 'get'>;
  readonly states: Pick<StateStore, 'save'>;
  readonly clock: Pick<Clock, 'after' | 'monotonic'>;
  readonly origin: string;
  /** What is saved of a state. */
  readonly savedOf: (of: LeasedType, state: Versioned) => Versioned;
  readonly failed: (doing: string, error: unknown) => void;
}

/** A feed with a change that is not saved. */
interface Unsaved extends LeasedFeed {
  readonly of: LeasedType;
  readonly dueAt: number;
}

/**
 * Saves changed feeds, each at most once in its type's `saveEveryMs`. Only names wait: the cache
 * has the newest state of a feed when it is due, whichever dispatcher has computed it.
 */
export class LeasedSaves {
  /** By type, as each type has a time of its own: so the first one is due first. */
  private readonly waiting = new Map<LeasedType, Map<string, Unsaved>>();
  private timer: Timer | undefined;
  private running: Promise<void> | undefined;
  private isClosed = false;

  constructor(private readonly options: LeasedSavesOptions) {}

  /** Saves a feed after the time of its type; has no effect if its type is not saved. */
  add(of: LeasedType, channel: string): void {
    if (of.saveEveryMs === undefined || this.isClosed) return;
    this.wait({ of, channel });
    this.later();
  }

  private wait({ channel, of }: Pick<Unsaved, 'channel' | 'of'>): void {
    const ofType = this.waiting.get(of) ?? new Map<string, Unsaved>();
    this.waiting.set(of, ofType);
    if (ofType.has(channel)) return;
    const dueAt = this.options.clock.monotonic() + (of.saveEveryMs ?? 0);
    ofType.set(channel, { channel, type: of.name, of, dueAt });
  }

  /** Saves all that waits, and ends. A failed save is not repeated. */
  async finish(): Promise<void> {
    this.isClosed = true;
    this.timer?.cancel();
    await this.running;
    await this.save(() => true).catch((error) => this.options.failed('save', error));
    this.waiting.clear();
  }

  private later(): void {
    if (this.timer || this.isClosed) return;
    this.timer = this.options.clock.after(TICK_MS, () => {
      this.running = this.tick();
    });
  }

  private async tick(): Promise<void> {
    const now = this.options.clock.monotonic();
    try {
      await this.save(({ dueAt }, waiting) => dueAt <= now || waiting > MAX_FEEDS);
    } catch (error) {
      this.options.failed('save', error);
    }
    this.timer = undefined;
    if ([...this.waiting.values()].some(({ size }) => size > 0)) this.later();
  }

  private async save(isDue: (feed: Unsaved, waiting: number) => boolean): Promise<void> {
    for (const ofType of this.waiting.values()) {
      for (;;) {
        const due: Unsaved[] = [];
        for (const feed of ofType.values()) {
          if (due.length === FEEDS_PER_SAVE || !isDue(feed, ofType.size - due.length)) break;
          due.push(feed);
        }
        if (due.length === 0) break;
        for (const { channel } of due) ofType.delete(channel);
        await this.saveAll(due).catch((error) => {
          // Not by `add`, which takes nothing at the end: the last save is to have them, too.
          for (const feed of due) this.wait(feed);
          throw error;
        });
      }
    }
  }

  private async saveAll(feeds: readonly Unsaved[]): Promise<void> {
    const { cache, origin, savedOf, states } = this.options;
    const cached = await cache.get(feeds.map(({ channel }) => channel));
    const all = feeds.flatMap(({ channel, of, type }): State[] => {
      const state = cached.get(channel)?.[type]?.[origin];
      return state ? [{ channel, type, origin, ...savedOf(of, state) }] : [];
    });
    if (all.length > 0) await states.save(all);
  }
}
