import type { FoundLike, LikeStore, Offsets, StoredLike } from '../../producers/store';
import { LikestreamError } from '../../schemas/errors';

/** Requests under way of one client; the next one is refused. Stands for the driver's 2,048. */
export const MAX_REQUESTS = 64;

/** Of one call at once, and of all calls: stand for the product's 500 and 1,500. */
const MAX_REQUESTS_PER_CALL = 16;
const MAX_REQUESTS_OF_ALL = 48;

/** Puts calls through in parts that the client can take. */
export interface CallLimit {
  /** Runs `send` for parts of `items`, and gives all their results in order. */
  inParts<Item, Result>(
    items: readonly Item[],
    send: (part: readonly Item[]) => Promise<Result>,
  ): Promise<Result[]>;
}

/**
 * The store as one process sees it: a client that makes one request an id and refuses to have more
 * than `MAX_REQUESTS` of them under way, behind a limit.
 */
export class StoreClient implements LikeStore {
  private underWay = 0;

  constructor(
    private readonly server: LikeStore,
    private readonly limit: CallLimit,
  ) {}

  async insert(channel: string, likes: readonly StoredLike[]): Promise<void> {
    await this.send(likes, (part) => this.server.insert(channel, part));
  }

  async find(channel: string, likeIds: readonly string[]): Promise<readonly FoundLike[]> {
    return (await this.send(likeIds, (part) => this.server.find(channel, part))).flat();
  }

  async offsets(
    channel: string,
    likeIds: readonly string[],
  ): Promise<ReadonlyMap<string, Offsets>> {
    const parts = await this.send(likeIds, (part) => this.server.offsets(channel, part));
    return new Map(parts.flatMap((part) => [...part]));
  }

  async withdraw(channel: string, likeIds: readonly string[]): Promise<void> {
    await this.send(likeIds, (part) => this.server.withdraw(channel, part));
  }

  private send<Item, Result>(
    items: readonly Item[],
    call: (part: readonly Item[]) => Promise<Result>,
  ): Promise<Result[]> {
    return this.limit.inParts(items, async (part) => {
      if (this.underWay + part.length > MAX_REQUESTS) {
        throw new LikestreamError('store_unavailable', `${MAX_REQUESTS} requests are under way`);
      }
      this.underWay += part.length;
      try {
        return await call(part);
      } finally {
        this.underWay -= part.length;
      }
    });
  }
}

/** Lets everything through at once: what A10 of the findings did. */
export const NO_LIMIT: CallLimit = {
  inParts: async (items, send) => [await send(items)],
};

/** Parts of one call follow each other; calls wait while all together have too many under way. */
export class SimulatedCallLimit implements CallLimit {
  private underWay = 0;
  private readonly waiting: { readonly size: number; readonly begin: () => void }[] = [];

  async inParts<Item, Result>(
    items: readonly Item[],
    send: (part: readonly Item[]) => Promise<Result>,
  ): Promise<Result[]> {
    const results: Result[] = [];
    for (let at = 0; at < items.length; at += MAX_REQUESTS_PER_CALL) {
      const part = items.slice(at, at + MAX_REQUESTS_PER_CALL);
      await this.enter(part.length);
      try {
        results.push(await send(part));
      } finally {
        this.leave(part.length);
      }
    }
    return results;
  }

  private async enter(size: number): Promise<void> {
    if (this.waiting.length === 0 && this.underWay + size <= MAX_REQUESTS_OF_ALL) {
      this.underWay += size;
      return;
    }
    await new Promise<void>((begin) => this.waiting.push({ size, begin }));
  }

  private leave(size: number): void {
    this.underWay -= size;
    for (let next = this.waiting[0]; next; next = this.waiting[0]) {
      if (this.underWay + next.size > MAX_REQUESTS_OF_ALL) return;
      this.waiting.shift();
      this.underWay += next.size;
      next.begin();
    }
  }
}
