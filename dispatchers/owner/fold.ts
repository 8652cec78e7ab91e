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

/** Channels of one partition kept in memory; beyond it, saved ones are let go, oldest first. */
export const MAX_CHANNELS = 50_000;

const SAVES_AT_ONCE = 500;

/** Folds a partition's log into a state a channel, and saves what has changed. */
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

  /**
   * Counts one reaction of a loaded channel, unless its state has seen that offset already.
   */
  count(channel: string, reaction: string, offset: number, lookUpUntil?: number): void {
    const before = this.own(channel);
    if (this.hasSeen(before, offset)) return;
    const counts = counter.fold(before?.counts ?? counter.empty, reaction);
    const until = Math.max(before?.lookUpUntil ?? 0, lookUpUntil ?? 0) || undefined;
    this.setState(channel, { version: offset, counts, ...(until && { lookUpUntil: until }) });
  }

  /** Takes one counted reaction of a loaded channel back, unless its state has seen that offset. */
  unfold(channel: string, reaction: string, offset: number): void {
    const before = this.own(channel);
    if (!before || this.hasSeen(before, offset)) return;
    const counts = counter.unfold(before.counts, reaction);
    this.setState(channel, { ...before, version: offset, counts });
  }

  /** Learns what other origins have made of a loaded channel; tells whether any of it is newer. */
  mergeOthers(channel: string, told: Vector): boolean {
    const { [this.origin]: _, ...others } = told;
    const before = this.loaded(channel);
    const after = mergeVectors(before, others);
    this.channels.set(channel, after);
    return after !== before;
  }

  /** The loaded channels and their states. */
  held(): Iterable<readonly [string, Vector]> {
    return this.channels.entries();
  }

  /** What a loaded channel has become. */
  vector(channel: string): Vector {
    return this.channels.get(channel) ?? {};
  }

  /** `lookUpUntil` of the state that was loaded. */
  inheritedLookUpUntil(channel: string): number {
    return this.inherited.get(channel) ?? 0;
  }

  /** The log time until which a loaded channel's ids are looked up; 0 if none was of the future. */
  lookUpUntil(channel: string): number {
    const all = Object.values(this.vector(channel));
    return Math.max(0, ...all.map(({ lookUpUntil }) => lookUpUntil ?? 0));
  }

  /**
   * Passes over a copy: the counts stay, the version moves on, so that a successor that knows less
   * of what came before does not count it either.
   */
  skipCopy(channel: string, offset: number): void {
    const before = this.own(channel);
    if (before && !this.hasSeen(before, offset))
      this.setState(channel, { ...before, version: offset });
  }

  /** Saves every state that has changed; rejects when one could not be saved. */
  async save(): Promise<void> {
    const unsaved = [...this.unsaved];
    for (let at = 0; at < unsaved.length; at += SAVES_AT_ONCE) {
      const saving = unsaved.slice(at, at + SAVES_AT_ONCE).map((channel) => this.toState(channel));
      await this.states.save(saving);
      for (const { channel, version } of saving) {
        if (this.own(channel)?.version === version) this.unsaved.delete(channel);
      }
    }
  }

  /** Lets go of channels beyond `MAX_CHANNELS`; none may be between its load and its counting. */
  evict(): void {
    for (const channel of this.channels.keys()) {
      if (this.channels.size <= MAX_CHANNELS) return;
      if (this.unsaved.has(channel)) continue;
      this.channels.delete(channel);
      this.inherited.delete(channel);
    }
  }

  /** Whether anything is to be saved. */
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
