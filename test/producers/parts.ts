import { Acceptance, type Taken } from '../../producers/accept';
import { Ledger } from '../../producers/ledger';
import type { Log, LogEntry } from '../../producers/log';
import { RecentLikes } from '../../producers/recent';
import type { FoundLike, LikeStore, StoredLike } from '../../producers/store';
import { LikestreamError } from '../../schemas/errors';
import { type LikeRecord, likeRecord } from '../../schemas/likes';
import { Seeded } from '../simulation/seeded';
import { VirtualClock } from '../simulation/virtual-clock';

export const WINDOW_MS = 120_000;

/** A log that keeps what is appended, or is away. */
export class FakeLog implements Log {
  readonly entries: LogEntry[] = [];
  away = false;
  /** What an append waits for. */
  until: Promise<void> = Promise.resolve();

  async append(_: string, entries: readonly LogEntry[]): Promise<readonly number[]> {
    await this.until;
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
  readonly rows = new Map<string, FoundLike>();
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
      if (!there || like.offset < (there.offset ?? -1)) {
        this.rows.set(name, like);
      }
    }
  }

  async find(channel: string, likeIds: readonly string[]): Promise<readonly FoundLike[]> {
    this.lookUps.push([...likeIds]);
    await this.until;
    if (this.away) throw new LikestreamError('store_unavailable');
    return likeIds.flatMap((likeId) => this.rows.get(`${channel}/${likeId}`) ?? []);
  }

  async withdraw(channel: string, likeIds: readonly string[]): Promise<void> {
    if (this.away) throw new LikestreamError('store_unavailable');
    for (const like of await this.find(channel, likeIds)) {
      this.rows.set(`${channel}/${like.likeId}`, { ...like, offset: undefined });
    }
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
    windowMs: WINDOW_MS,
  };
  const acceptance = new Acceptance({ ...parts, ledger: new Ledger(parts.entropy) });
  const like = async (likeId?: string, reaction = 'like'): Promise<Taken> => {
    const [taken] = await acceptance.accept('42', 'ann', [{ likeId, reaction }]);
    if (!taken) throw new Error('nothing was taken');
    return taken;
  };
  return { ...parts, acceptance, like };
}
