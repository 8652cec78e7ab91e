import type { HistoryRow } from '../../adapters/history';
import type { StateStore } from '../../adapters/state-store';
import type { Update } from '../../schemas/delivery';
import type { LoggedType } from '../../schemas/event-type';
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
import { HeldChannels } from './held-channels';
import type { HistorySync } from './history-sync';
import { LoadedChannel } from './loaded-channel';
import type { EntryEvent } from './log-event';
import type { SavedVersions } from './saved-versions';

/** States in one save. */
const STATES_PER_SAVE = 500;

export interface FoldOptions {
  /** Datacenter and log generation, as in `dc1.1`. */
  readonly origin: string;
  /** The type of the log's entries. */
  readonly type: LoggedType;
  readonly types: EventTypes;
  readonly states: StateStore;
  readonly versions?: SavedVersions | undefined;
  /** Undefined unless the type has a history. */
  readonly history?: HistorySync | undefined;
}

/** Folds a partition's log into one state per channel, and saves the changed states. */
export class Fold {
  private readonly channels: HeldChannels;
  /** Channels whose own state is newer than the saved one. */
  private readonly unsaved = new Set<LoadedChannel>();
  private readonly merge: Merge;

  constructor(private readonly options: FoldOptions) {
    this.merge = options.types.mergeOf(options.type.name);
    this.channels = new HeldChannels(options.type.policy);
  }

  /**
   * Loads the channels' saved states. Rejects if the store cannot be read or a state has not the
   * type's shape, and with `log_mismatch` if one of our own states is ahead of the log.
   */
  async load(channels: Iterable<string>): Promise<void> {
    const missing: string[] = [];
    for (const channel of channels) if (!this.channels.get(channel)) missing.push(channel);
    if (missing.length === 0) return;
    const loaded = await this.loadVerified(missing);
    for (const channel of missing) {
      if (this.channels.get(channel)) continue;
      const held = new LoadedChannel(channel, this.options.origin, loaded.get(channel) ?? {});
      held.inheritedUntil = held.lookUpUntil;
      this.channels.add(held);
    }
  }

  /** Merges newer saved states into loaded channels. */
  async reload(channels: ReadonlySet<string>): Promise<void> {
    if (channels.size === 0) return;
    for (const [channel, vector] of await this.loadVerified([...channels])) {
      const held = this.loaded(channel);
      held.vector = mergeVectors(this.merge, held.vector, vector);
      this.channels.noteChange(held);
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
    const held = this.loaded(channel);
    const before = held.own;
    if (this.hasSeen(before, offset)) return;
    let state = before ? before.state : policy.empty;
    for (const { entry } of entries) {
      state = policy.fold(state, entry, offset);
      this.options.history?.add(channel, this.rowOf(state, offset, entry.id, false));
    }
    const until = Math.max(before?.lookUpUntil ?? 0, lookUpUntil ?? 0) || undefined;
    this.setState(held, { version: offset, state, ...(until && { lookUpUntil: until }) });
  }

  /** Unfolds one entry of a loaded channel, unless its state includes that offset. */
  unfold(channel: string, { cancels, undoKey }: CancelRecord, offset: number): void {
    const held = this.loaded(channel);
    const before = held.own;
    if (!before || this.hasSeen(before, offset)) return;
    const state = this.options.type.policy.unfold(before.state, cancels, undoKey);
    this.setState(held, { ...before, version: offset, state });
  }

  /** Folds a deletion into a loaded channel's state, unless the state includes that offset. */
  remove(channel: string, entryId: string, offset: number): void {
    const { history, type } = this.options;
    const { policy } = type;
    const held = this.loaded(channel);
    const before = held.own ?? { version: -1, state: policy.empty };
    if (this.hasSeen(before, offset)) return;
    const state = policy.remove?.(before.state, entryId, offset) ?? before.state;
    history?.add(channel, this.rowOf(state, offset, entryId, true));
    this.setState(held, { ...before, version: offset, state });
  }

  /** Merges other origins' states of a loaded channel; true if one of them is newer. */
  mergeOthers(channel: string, vector: Vector): boolean {
    const { [this.options.origin]: _, ...others } = vector;
    const held = this.loaded(channel);
    const before = held.vector;
    const after = mergeVectors(this.merge, before, others);
    if (after === before) return false;
    held.vector = after;
    this.channels.noteChange(held);
    return true;
  }

  /** The loaded channels and their states, as the cache has them. */
  *held(): Generator<readonly [string, Vector]> {
    const { policy } = this.options.type;
    for (const held of this.channels.values()) yield [held.channel, held.cached(policy)];
  }

  /** The states of a loaded channel. */
  vector(channel: string): Vector {
    return this.channels.get(channel)?.vector ?? {};
  }

  /**
   * What is new of a loaded channel since the last call. Of types without deltas these are always
   * all states.
   */
  changes(channel: string, { withoutOwn = false } = {}): Pick<Update, 'vector' | 'whole'> {
    const { policy } = this.options.type;
    if (!policy.delta) return { vector: this.vector(channel) };
    return this.loaded(channel).changes(policy, withoutOwn);
  }

  /** `lookUpUntil` of a channel as it was when it was loaded. */
  inheritedLookUpUntil(channel: string): number {
    return this.channels.get(channel)?.inheritedUntil ?? 0;
  }

  /** The log time until which a loaded channel's ids are looked up; 0 if none was of the future. */
  lookUpUntil(channel: string): number {
    return this.channels.get(channel)?.lookUpUntil ?? 0;
  }

  /**
   * Skips a record of duplicates. The state stays and the version advances: so a successor, which
   * may lack the first copies' ids, does not count it, and a page finds the place of its entry.
   */
  skipCopy(channel: string, offset: number): void {
    const held = this.loaded(channel);
    const before = held.own ?? { version: -1, state: this.options.type.policy.empty };
    if (!this.hasSeen(before, offset)) this.setState(held, { ...before, version: offset });
  }

  /**
   * Saves all changed states; rejects if one cannot be saved. The rows of their histories are
   * written before: those of later states wait for the next call.
   */
  async save(): Promise<void> {
    const unsaved = [...this.unsaved];
    const { history } = this.options;
    const written = history && new Map(unsaved.map((held) => [held, held.own]));
    if (history) await history.flush();
    for (let at = 0; at < unsaved.length; at += STATES_PER_SAVE) {
      const saving = unsaved.slice(at, at + STATES_PER_SAVE);
      const states = saving.map((held) => this.toState(held, written?.get(held) ?? held.own));
      await this.options.states.save(states);
      for (const [index, held] of saving.entries()) {
        if (held.own?.version === states[index]?.version) this.markSaved(held);
      }
    }
  }

  /** Evicts channels beyond the bounds. Do not call it between a load and its counts. */
  evict(): void {
    this.channels.evict();
  }

  /** Whether a state is not saved. */
  get dirty(): boolean {
    return this.unsaved.size > 0;
  }

  /** Whether too many rows of the history are not written. */
  get isFull(): boolean {
    return this.options.history?.isFull ?? false;
  }

  protected hasSeen(state: Versioned | undefined, offset: number): boolean {
    return state !== undefined && offset <= state.version;
  }

  private async loadVerified(channels: readonly string[]): Promise<ReadonlyMap<string, Vector>> {
    const { states, type, types, versions } = this.options;
    const found = await states.load(channels, type.name);
    await versions?.verify(found);
    const all = [...byChannel(found)];
    return new Map(all.map(([of, each]) => [of, types.parseVector(type.name, toVector(each))]));
  }

  private setState(held: LoadedChannel, state: Versioned): void {
    this.options.versions?.noteRead(state.version);
    held.own = state;
    this.channels.noteChange(held);
    if (held.isUnsaved) return;
    held.isUnsaved = true;
    this.unsaved.add(held);
  }

  private markSaved(held: LoadedChannel): void {
    held.isUnsaved = false;
    this.unsaved.delete(held);
  }

  private loaded(channel: string): LoadedChannel {
    const held = this.channels.get(channel);
    if (!held) throw new Error(`${channel} is not loaded`);
    return held;
  }

  private rowOf(state: unknown, offset: number, id: string, isDeletion: boolean): HistoryRow {
    return { offset, number: this.options.type.policy.numberOf?.(state) ?? 0, id, isDeletion };
  }

  private toState({ channel }: LoadedChannel, own: Versioned | undefined): State {
    const { origin, type } = this.options;
    const versioned = own ?? { version: 0, state: type.policy.empty };
    const state = type.policy.saved?.(versioned.state) ?? versioned.state;
    return { channel, type: type.name, origin, ...versioned, state };
  }
}
