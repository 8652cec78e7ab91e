import type { EventLog, LogEntry } from '../../adapters/event-log';
import type { FoundLike, Offsets, RowStore, StoredLike } from '../../adapters/row-store';
import { Acceptance, type AcceptResult } from '../../producers/acceptance';
import { AppendSequence } from '../../producers/append-sequence';
import { RecentIds } from '../../producers/recent-ids';
import { DedupeWindow } from '../../schemas/dedupe-window';
import { LikestreamError } from '../../schemas/errors';
import { type LikeRecord, likeRecord } from '../../schemas/likes';
import { Seeded } from '../simulation/seeded';
import { VirtualClock } from '../simulation/virtual-clock';

export const WINDOW_MS = 120_000;

/** A log that keeps the appended entries, or is unavailable. */
export class FakeLog implements EventLog {
  readonly entries: LogEntry[] = [];
  isUnavailable = false;
  /** Whether appends are rejected with `log_refused`. */
  refuses = false;
  /** Whether a drain has closed it. */
  isClosed = false;
  /** Appends wait for this promise. */
  until: Promise<void> = Promise.resolve();

  async append(_: string, entries: readonly LogEntry[]): Promise<readonly number[]> {
    await this.until;
    if (this.refuses) throw new LikestreamError('log_refused');
    if (this.isClosed) throw new LikestreamError('log_closed');
    if (this.isUnavailable) throw new LikestreamError('log_unavailable');
    const first = this.entries.length;
    this.entries.push(...entries);
    return entries.map((_, index) => first + index);
  }

  get records(): LikeRecord[] {
    return this.entries.map(({ value }) => likeRecord.parse(JSON.parse(value)));
  }
}

/** A store that keeps the first copy of each id, or is unavailable. */
export class FakeStore implements RowStore {
  readonly rows = new Map<string, StoredLike>();
  readonly withdrawn = new Set<string>();
  /** Other origins whose logs have a like. */
  readonly elsewhere = new Map<string, string[]>();
  /** The ids of each look-up. */
  readonly lookUps: string[][] = [];
  isUnavailable = false;
  /** Look-ups wait for this promise. */
  until: Promise<void> = Promise.resolve();

  async insert(channel: string, likes: readonly StoredLike[]): Promise<void> {
    if (this.isUnavailable) throw new LikestreamError('store_unavailable');
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
    if (this.isUnavailable) throw new LikestreamError('store_unavailable');
    for (const likeId of likeIds) this.withdrawn.add(`${channel}/${likeId}`);
  }

  private async look(channel: string, likeIds: readonly string[]): Promise<StoredLike[]> {
    this.lookUps.push([...likeIds]);
    await this.until;
    if (this.isUnavailable) throw new LikestreamError('store_unavailable');
    return likeIds.flatMap((likeId) => this.rows.get(`${channel}/${likeId}`) ?? []);
  }
}

/** An `Acceptance` on a log, a store and a clock that the test controls. */
export function backend() {
  const parts = {
    log: new FakeLog(),
    store: new FakeStore(),
    clock: new VirtualClock(),
    entropy: new Seeded(1).entropy,
    recent: new RecentIds(),
    dedupe: new DedupeWindow(WINDOW_MS),
  };
  const acceptance = new Acceptance({ ...parts, sequence: new AppendSequence(parts.entropy) });
  const like = async (likeId?: string, reaction = 'like'): Promise<AcceptResult> => {
    const [result] = await acceptance.accept('42', 'ann', [{ likeId, reaction }]);
    if (!result) throw new Error('there is no result');
    return result;
  };
  return { ...parts, acceptance, like };
}
