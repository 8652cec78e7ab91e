import type { StateStore } from '../../adapters/state-store';
import { counter } from '../../schemas/policies/counter';
import {
  mergeVectors,
  type OriginState,
  type State,
  toVector,
  type Vector,
} from '../../schemas/state';
import type { SavedVersions } from './saved-versions';

/** Channels of one partition in memory; if there are more, the oldest saved ones are evicted. */
export const MAX_CHANNELS = 50_000;

/** States in one save. */
const STATES_PER_SAVE = 500;

/** Folds a partition's log into one state per channel, and saves the changed states. */
export class Fold {
  private readonly channels = new Map<string, Vector>();
  /** Channels whose own state is newer than the saved one. */
  private readonly unsaved = new Set<string>();
  /** By channel, `lookUpUntil` as it was when the channel was loaded. */
  private readonly inherited = new Map<string, number>();

  constructor(
    private readonly origin: string,
    private readonly states: StateStore,
    private readonly versions?: SavedVersions | undefined,
  ) {}

  /**
   * Loads the channels' saved states. Rejects if the store cannot be read, and with `log_mismatch`
   * if one of our own states is ahead of the log.
   */
  async load(channels: ReadonlySet<string>): Promise<void> {
    const missing = [...channels].filter((channel) => !this.channels.has(channel));
    if (missing.length === 0) return;
    const byChannel = new Map<string, State[]>(missing.map((channel) => [channel, []]));
    for (const state of await this.loadVerified(missing)) byChannel.get(state.channel)?.push(state);
    for (const [channel, states] of byChannel) {
      if (this.channels.has(channel)) continue;
      this.channels.set(channel, toVector(states));
      const until = this.lookUpUntil(channel);
      if (until > 0) this.inherited.set(channel, until);
    }
  }

  /** Merges newer saved states into loaded channels. */
  async reload(channels: ReadonlySet<string>): Promise<void> {
    if (channels.size === 0) return;
    for (const state of await this.loadVerified([...channels])) {
      const before = this.loaded(state.channel);
      this.channels.set(state.channel, mergeVectors(before, toVector([state])));
    }
  }

  /** Counts one reaction of a loaded channel, unless its state includes that offset. */
  count(channel: string, reaction: string, offset: number, lookUpUntil?: number): void {
    const before = this.own(channel);
    if (this.hasSeen(before, offset)) return;
    const counts = counter.fold(before?.counts ?? counter.empty, reaction);
    const until = Math.max(before?.lookUpUntil ?? 0, lookUpUntil ?? 0) || undefined;
    this.setState(channel, { version: offset, counts, ...(until && { lookUpUntil: until }) });
  }

  /** Unfolds one reaction of a loaded channel, unless its state includes that offset. */
  unfold(channel: string, reaction: string, offset: number): void {
    const before = this.own(channel);
    if (!before || this.hasSeen(before, offset)) return;
    const counts = counter.unfold(before.counts, reaction);
    this.setState(channel, { ...before, version: offset, counts });
  }

  /** Merges other origins' states of a loaded channel; true if one of them is newer. */
  mergeOthers(channel: string, vector: Vector): boolean {
    const { [this.origin]: _, ...others } = vector;
    const before = this.loaded(channel);
    const after = mergeVectors(before, others);
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
   * Skips a duplicate. The counts stay and the version advances, so that a successor, which may
   * lack the first copy's id, does not count it.
   */
  skipCopy(channel: string, offset: number): void {
    const before = this.own(channel);
    if (before && !this.hasSeen(before, offset))
      this.setState(channel, { ...before, version: offset });
  }

  /** Saves all changed states; rejects if one cannot be saved. */
  async save(): Promise<void> {
    const unsaved = [...this.unsaved];
    for (let at = 0; at < unsaved.length; at += STATES_PER_SAVE) {
      const saving = unsaved
        .slice(at, at + STATES_PER_SAVE)
        .map((channel) => this.toState(channel));
      await this.states.save(saving);
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

  protected hasSeen(state: OriginState | undefined, offset: number): boolean {
    return state !== undefined && offset <= state.version;
  }

  private own(channel: string): OriginState | undefined {
    return this.channels.get(channel)?.[this.origin];
  }

  private async loadVerified(channels: readonly string[]): Promise<readonly State[]> {
    const states = await this.states.load(channels);
    await this.versions?.verify(states);
    return states;
  }

  private setState(channel: string, state: OriginState): void {
    this.versions?.noteRead(state.version);
    this.channels.set(channel, { ...this.loaded(channel), [this.origin]: state });
    this.unsaved.add(channel);
  }

  private loaded(channel: string): Vector {
    const vector = this.channels.get(channel);
    if (!vector) throw new Error(`${channel} is not loaded`);
    return vector;
  }

  private toState(channel: string): State {
    const own = this.own(channel) ?? { version: 0, counts: counter.empty };
    return { channel, origin: this.origin, ...own };
  }
}
