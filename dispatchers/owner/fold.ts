import type { StateStore } from '../../adapters/state-store';
import type { EventType } from '../../schemas/event-type';
import type { EventTypes } from '../../schemas/event-types';
import type { CancelRecord } from '../../schemas/record';
import {
  type Merge,
  mergeVectors,
  type State,
  toVector,
  type Vector,
  type Versioned,
} from '../../schemas/state';
import { byChannel } from '../by-channel';
import type { EntryEvent } from './log-event';
import type { SavedVersions } from './saved-versions';

/** Channels of one partition in memory; if there are more, the oldest saved ones are evicted. */
export const MAX_CHANNELS = 50_000;

/** States in one save. */
const STATES_PER_SAVE = 500;

export interface FoldOptions {
  /** Datacenter and log generation, as in `dc1.1`. */
  readonly origin: string;
  /** The type of the log's entries. */
  readonly type: EventType;
  readonly types: EventTypes;
  readonly states: StateStore;
  readonly versions?: SavedVersions | undefined;
}

/** Folds a partition's log into one state per channel, and saves the changed states. */
export class Fold {
  private readonly channels = new Map<string, Vector>();
  /** Channels whose own state is newer than the saved one. */
  private readonly unsaved = new Set<string>();
  /** By channel, `lookUpUntil` as it was when the channel was loaded. */
  private readonly inherited = new Map<string, number>();
  private readonly merge: Merge;

  constructor(private readonly options: FoldOptions) {
    this.merge = options.types.mergeOf(options.type.name);
  }

  /**
   * Loads the channels' saved states. Rejects if the store cannot be read or a state has not the
   * type's shape, and with `log_mismatch` if one of our own states is ahead of the log.
   */
  async load(channels: ReadonlySet<string>): Promise<void> {
    const missing = [...channels].filter((channel) => !this.channels.has(channel));
    if (missing.length === 0) return;
    const loaded = await this.loadVerified(missing);
    for (const channel of missing) {
      if (this.channels.has(channel)) continue;
      this.channels.set(channel, loaded.get(channel) ?? {});
      const until = this.lookUpUntil(channel);
      if (until > 0) this.inherited.set(channel, until);
    }
  }

  /** Merges newer saved states into loaded channels. */
  async reload(channels: ReadonlySet<string>): Promise<void> {
    if (channels.size === 0) return;
    for (const [channel, vector] of await this.loadVerified([...channels])) {
      this.channels.set(channel, mergeVectors(this.merge, this.loaded(channel), vector));
    }
  }

  /**
   * Folds the new entries of one record into a loaded channel's state, unless the state includes
   * that offset. They are folded together, because they have one offset.
   */
  count(
    channel: string,
    entries: readonly Pick<EntryEvent, 'entry'>[],
    offset: number,
    lookUpUntil?: number,
  ): void {
    const { policy } = this.options.type;
    const before = this.own(channel);
    if (this.hasSeen(before, offset)) return;
    let state = before ? before.state : policy.empty;
    for (const { entry } of entries) state = policy.fold(state, entry, offset);
    const until = Math.max(before?.lookUpUntil ?? 0, lookUpUntil ?? 0) || undefined;
    this.setState(channel, { version: offset, state, ...(until && { lookUpUntil: until }) });
  }

  /** Unfolds one entry of a loaded channel, unless its state includes that offset. */
  unfold(channel: string, { cancels, undoKey }: CancelRecord, offset: number): void {
    const before = this.own(channel);
    if (!before || this.hasSeen(before, offset)) return;
    const state = this.options.type.policy.unfold(before.state, cancels, undoKey);
    this.setState(channel, { ...before, version: offset, state });
  }

  /** Merges other origins' states of a loaded channel; true if one of them is newer. */
  mergeOthers(channel: string, vector: Vector): boolean {
    const { [this.options.origin]: _, ...others } = vector;
    const before = this.loaded(channel);
    const after = mergeVectors(this.merge, before, others);
    this.channels.set(channel, after);
    return after !== before;
  }

  /** The loaded channels and their states. */
  held(): Iterable<readonly [string, Vector]> {
    return this.channels.entries();
  }

  /** The states of a loaded channel. */
  vector(channel: string): Vector {
    return this.channels.get(channel) ?? {};
  }

  /** `lookUpUntil` of a channel as it was when it was loaded. */
  inheritedLookUpUntil(channel: string): number {
    return this.inherited.get(channel) ?? 0;
  }

  /** The log time until which a loaded channel's ids are looked up; 0 if none was of the future. */
  lookUpUntil(channel: string): number {
    const all = Object.values(this.vector(channel));
    return Math.max(0, ...all.map(({ lookUpUntil }) => lookUpUntil ?? 0));
  }

  /**
   * Skips a record of duplicates. The state stays and the version advances: so a successor, which
   * may lack the first copies' ids, does not count it, and a page finds the place of its entry.
   */
  skipCopy(channel: string, offset: number): void {
    const { policy } = this.options.type;
    const before = this.own(channel) ?? { version: -1, state: policy.empty };
    if (!this.hasSeen(before, offset)) this.setState(channel, { ...before, version: offset });
  }

  /** Saves all changed states; rejects if one cannot be saved. */
  async save(): Promise<void> {
    const unsaved = [...this.unsaved];
    for (let at = 0; at < unsaved.length; at += STATES_PER_SAVE) {
      const saving = unsaved
        .slice(at, at + STATES_PER_SAVE)
        .map((channel) => this.toState(channel));
      await this.options.states.save(saving);
      for (const { channel, version } of saving) {
        if (this.own(channel)?.version === version) this.unsaved.delete(channel);
      }
    }
  }

  /** Evicts channels beyond `MAX_CHANNELS`. Do not call it between a load and its counts. */
  evict(): void {
    for (const channel of this.channels.keys()) {
      if (this.channels.size <= MAX_CHANNELS) return;
      if (this.unsaved.has(channel)) continue;
      this.channels.delete(channel);
      this.inherited.delete(channel);
    }
  }

  /** Whether a state is not saved. */
  get dirty(): boolean {
    return this.unsaved.size > 0;
  }

  protected hasSeen(state: Versioned | undefined, offset: number): boolean {
    return state !== undefined && offset <= state.version;
  }

  private own(channel: string): Versioned | undefined {
    return this.channels.get(channel)?.[this.options.origin];
  }

  private async loadVerified(channels: readonly string[]): Promise<ReadonlyMap<string, Vector>> {
    const { states, type, types, versions } = this.options;
    const found = await states.load(channels, type.name);
    await versions?.verify(found);
    const all = [...byChannel(found)];
    return new Map(all.map(([of, each]) => [of, types.parseVector(type.name, toVector(each))]));
  }

  private setState(channel: string, state: Versioned): void {
    this.options.versions?.noteRead(state.version);
    this.channels.set(channel, { ...this.loaded(channel), [this.options.origin]: state });
    this.unsaved.add(channel);
  }

  private loaded(channel: string): Vector {
    const vector = this.channels.get(channel);
    if (!vector) throw new Error(`${channel} is not loaded`);
    return vector;
  }

  private toState(channel: string): State {
    const { origin, type } = this.options;
    const own = this.own(channel) ?? { version: 0, state: type.policy.empty };
    return { channel, type: type.name, origin, ...own };
  }
}
