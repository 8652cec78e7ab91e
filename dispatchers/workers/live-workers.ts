import type { Directory } from '../../adapters/directory';
import type { Leases } from '../../adapters/leases';
import type { Watchers } from '../../adapters/state-cache';
import { BoundedMap } from '../../runtime/bounded-map';
import type { Clock, Timer } from '../../runtime/clock';
import type { Worker } from '../../schemas/delivery';
import { asLikestreamError } from '../../schemas/errors';
import { isPeer } from '../../schemas/report';
import { Beats, DEAD_AFTER_MS, PEER_DEAD_AFTER_MS } from './beats';
import { type LostValues, Removals } from './removals';

/** The time between the starts of two reads: seven reads span `DEAD_AFTER_MS`. */
export const READ_MS = 900;

/** An id without a lease causes no read if the last one is not older than this. */
const FRESH_MS = 100;

/** Channels whose watchers are kept in memory in case Redis loses them; the oldest are evicted. */
const MAX_REMEMBERED = 50_000;

export interface LiveWorkersOptions {
  readonly directory: Pick<Directory, 'change' | 'watchers'>;
  readonly leases: Pick<Leases, 'all' | 'remove'>;
  readonly clock: Clock;
  /** Whether this process removes dead workers from the directory: only dispatchers do. */
  readonly removesDead: boolean;
  /** Called for each failed read or removal, which is repeated. */
  readonly failed: (doing: string, error: unknown) => void;
}

/** The ids of the workers that watch channels, in the order of the channels. */
interface Found {
  readonly ids: readonly (readonly string[])[];
  /** Whether the ids are from an earlier read, because the directory is unavailable. */
  readonly isRemembered: boolean;
}

/** The live workers, as this process judges by their beats, and the channels that they watch. */
export class LiveWorkers {
  private readonly beats: Beats;
  private readonly known = new Map<string, Worker>();
  private readonly lastWatchers = new BoundedMap<string, readonly string[]>(MAX_REMEMBERED);
  private readonly removals: Removals;
  /** The beats of the last read. */
  private leased: ReadonlyMap<string, number> = new Map();
  private readAt = Number.NEGATIVE_INFINITY;
  private timer: Timer | undefined;
  private isClosed = false;

  constructor(private readonly options: LiveWorkersOptions) {
    this.beats = new Beats(options.clock, (id) =>
      isPeer(id) ? PEER_DEAD_AFTER_MS : DEAD_AFTER_MS,
    );
    this.removals = new Removals({
      ...options,
      isDead: (id) => this.beats.isDead(id),
      watchedBy: (id) => this.watchedBy(id),
      // Another datacenter stays judged: values that outlive it would have it expected again.
      removed: (id) => {
        if (!isPeer(id)) this.evict(id);
      },
    });
  }

  /** Removes the values of dead workers, too. */
  removesValues(values: LostValues): void {
    this.removals.values = values;
  }

  /** Has a contributor judged that may have no lease, because its values were found. */
  expect(id: string): void {
    if (!this.known.has(id)) this.beats.expect(id);
    this.removals.again(id);
  }

  /** Reads all beats now and every `READ_MS`, until `close`. */
  start(): void {
    void this.readRegularly();
  }

  close(): void {
    this.isClosed = true;
    this.timer?.cancel();
  }

  /** Begins all counts anew, because the connection was lost and Redis may have gone back. */
  interrupt(): void {
    this.beats.interrupt();
  }

  /**
   * The live workers that watch each channel, in the order of the channels. While the directory is
   * unavailable, the last known ones; rejects with `directory_unavailable` if there are none.
   * `read` has the watchers of all channels if they have been read just now.
   */
  async watching(
    channels: readonly string[],
    read?: Watchers,
  ): Promise<readonly (readonly Worker[])[]> {
    const { ids, isRemembered } = await this.watchers(channels, read);
    // The leases cannot be read now either, and an unknown id must not fail the whole look-up.
    if (!isRemembered) await this.readUnknown(ids);
    const live = new Map<string, Worker>();
    for (const [id, worker] of this.known) if (!this.beats.isDead(id)) live.set(id, worker);
    return ids.map((of) => selected(of, live));
  }

  /** The live worker with this id. Rejects with `directory_unavailable` if it cannot be read. */
  async find(id: string): Promise<Worker | undefined> {
    // Clients choose these ids, so an unknown one is not judged, and seldom causes a read.
    if (!this.known.has(id) && this.isOld) await this.read();
    return this.live(id);
  }

  private live(id: string): Worker | undefined {
    return this.beats.isDead(id) ? undefined : this.known.get(id);
  }

  /** Reads the leases of workers that joined after the last regular read. */
  private async readUnknown(ids: readonly (readonly string[])[]): Promise<void> {
    const unknown: string[] = [];
    for (const of of ids) for (const id of of) if (!this.known.has(id)) unknown.push(id);
    if (unknown.length === 0) return;
    if (this.isOld || unknown.some((id) => !this.beats.has(id))) await this.read();
    // A worker without a lease is judged, too: only a removal ends its memberships.
    for (const id of unknown) this.beats.expect(id);
  }

  private get isOld(): boolean {
    return this.options.clock.monotonic() - this.readAt > FRESH_MS;
  }

  private async watchers(channels: readonly string[], read?: Watchers): Promise<Found> {
    try {
      const ids = read
        ? channels.map((channel) => read.get(channel) ?? [])
        : await this.options.directory.watchers(channels);
      for (const [at, channel] of channels.entries()) {
        this.lastWatchers.set(channel, ids[at] ?? []);
      }
      return { ids, isRemembered: false };
    } catch (error) {
      const ids = channels.map((channel) => {
        const last = this.lastWatchers.get(channel);
        if (last === undefined) throw asLikestreamError(error, 'directory_unavailable');
        return last;
      });
      return { ids, isRemembered: true };
    }
  }

  private async readRegularly(): Promise<void> {
    const { clock, failed } = this.options;
    const startedAt = clock.monotonic();
    try {
      await this.read();
      this.removeDead();
    } catch (error) {
      failed('read leases', error);
    }
    if (this.isClosed) return;
    const ms = Math.max(0, startedAt + READ_MS - clock.monotonic());
    this.timer = clock.after(ms, () => void this.readRegularly());
  }

  private async read(): Promise<void> {
    const { clock, leases } = this.options;
    const startedAt = clock.monotonic();
    try {
      const all = await leases.all();
      for (const { worker } of all) this.known.set(worker.id, worker);
      this.leased = new Map(all.map(({ beat, worker }) => [worker.id, beat]));
      this.readAt = startedAt;
      this.beats.note({ startedAt, endedAt: clock.monotonic() }, this.leased);
    } catch (error) {
      this.beats.interrupt();
      throw error;
    }
  }

  private removeDead(): void {
    const { dead } = this.beats;
    if (this.options.removesDead) this.removals.step(dead);
    else for (const id of dead.keys()) if (!this.leased.has(id)) this.evict(id);
  }

  /** The channels of a worker in memory, because Redis may have lost the worker's own list. */
  private watchedBy(id: string): string[] {
    const watched = [...this.lastWatchers].filter(([, ids]) => ids.includes(id));
    return watched.map(([channel]) => channel);
  }

  private evict(id: string): void {
    this.beats.remove(id);
    this.known.delete(id);
  }
}

/** The values of the keys that a map has, in the order of the keys. */
function selected<Value>(keys: readonly string[], map: ReadonlyMap<string, Value>): Value[] {
  const values: Value[] = [];
  for (const key of keys) {
    const value = map.get(key);
    if (value !== undefined) values.push(value);
  }
  return values;
}
