import { Acceptance, type Taken } from '../../producers/accept';
import { Ledger } from '../../producers/ledger';
import type { Log, LogEntry } from '../../producers/log';
import { RecentLikes } from '../../producers/recent';
import type { FoundLike, LikeStore, Offsets, StoredLike } from '../../producers/store';
import { DedupeWindow } from '../../schemas/dedupe-window';
import { LikestreamError } from '../../schemas/errors';
import { type LikeRecord, likeRecord } from '../../schemas/likes';
import { Seeded } from '../simulation/seeded';
import { VirtualClock } from '../simulation/virtual-clock';

export const WINDOW_MS = 120_000;

/** A log that keeps what is appended, or is away. */
export class FakeLog implements Log {
  readonly entries: LogEntry[] = [];
  away = false;
  /** Whether appends are rejected as not taken at all. */
  refuses = false;
  /** Whether a drain has closed it. */
  isClosed = false;
  /** What an append waits for. */
  until: Promise<void> = Promise.resolve();

  async append(_: string, entries: readonly LogEntry[]): Promise<readonly number[]> {
    await this.until;
    if (this.refuses) throw new LikestreamError('log_refused');
    if (this.isClosed) throw new LikestreamError('log_closed');
    if (this.away) throw new LikestreamError('log_unavailable');
    const first = this.entries.length;
    this.entries.push(...entries);
    return entries.map((_, index) => first + index);
  }

  get records(): LikeRecord[] {
    return this.entries.map(({ value }) => likeRecord.parse(JSON.parse(value)));
  }
}

/** A store that keeps the first of each id, or is away. */
export class FakeStore implements LikeStore {
  readonly rows = new Map<string, StoredLike>();
  readonly withdrawn = new Set<string>();
  /** Other origins whose logs have a like. */
  readonly elsewhere = new Map<string, string[]>();
  /** The ids of each look-up. */
  readonly lookUps: string[][] = [];
  away = false;
  /** What the next look-ups wait for. */
  until: Promise<void> = Promise.resolve();

  async insert(channel: string, likes: readonly StoredLike[]): Promise<void> {
    if (this.away) throw new LikestreamError('store_unavailable');
    for (const like of likes) {
      const name = `${channel}/${like.likeId}`;
      const there = this.rows.get(name);
      if (!there || like.offset < there.offset) {
        this.rows.set(name, like);
      }
    }
  }

  async find(channel: string, likeIds: readonly string[]): Promise<readonly FoundLike[]> {
    return this.look(channel, likeIds);
  }

  async offsets(channel: string, likeIds: readonly string[]) {
    const found = new Map((await this.look(channel, likeIds)).map((like) => [like.likeId, like]));
    const offsets = new Map<string, Offsets>();
    for (const likeId of likeIds) {
      const name = `${channel}/${likeId}`;
      const own = found.get(likeId);
      const elsewhere = this.elsewhere.get(name) ?? [];
      const isWithdrawn = this.withdrawn.has(name);
      if (own || isWithdrawn || elsewhere.length > 0) {
        const copy = own && { offset: own.offset, reaction: own.reaction };
        offsets.set(likeId, { own: copy, isWithdrawn, elsewhere });
      }
    }
    return offsets;
  }

  async withdraw(channel: string, likeIds: readonly string[]): Promise<void> {
    if (this.away) throw new LikestreamError('store_unavailable');
    for (const likeId of likeIds) this.withdrawn.add(`${channel}/${likeId}`);
  }

  private async look(channel: string, likeIds: readonly string[]): Promise<StoredLike[]> {
    this.lookUps.push([...likeIds]);
    await this.until;
    if (this.away) throw new LikestreamError('store_unavailable');
    return likeIds.flatMap((likeId) => this.rows.get(`${channel}/${likeId}`) ?? []);
  }
}

/** The likes backend without its routes, on parts that the test holds. */
export function backend() {
  const parts = {
    log: new FakeLog(),
    store: new FakeStore(),
    clock: new VirtualClock(),
    entropy: new Seeded(1).entropy,
    recent: new RecentLikes(),
    dedupe: new DedupeWindow(WINDOW_MS),
  };
  const acceptance = new Acceptance({ ...parts, ledger: new Ledger(parts.entropy) });
  const like = async (likeId?: string, reaction = 'like'): Promise<Taken> => {
    const [taken] = await acceptance.accept('42', 'ann', [{ likeId, reaction }]);
    if (!taken) throw new Error('nothing was taken');
    return taken;
  };
  return { ...parts, acceptance, like };
}
