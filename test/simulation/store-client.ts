import type { RequestLimits } from '../../adapters/cassandra/request-limiter';
import type { FoundEntry, Offsets, RowStore, StoredEntry } from '../../adapters/row-store';
import { LikestreamError } from '../../schemas/errors';

/** The most requests in flight of one client; models the driver's limit of 2,048. */
export const MAX_REQUESTS_IN_FLIGHT = 64;

/** The product's limits in the same proportion. */
export const SIMULATED_LIMITS: RequestLimits = {
  inFlightOfCall: 16,
  inFlight: 48,
  waitingCalls: 256,
  waitMs: 3_000,
  requestsOfTurn: 4,
};

/** Bounds the requests of a client; `run` calls `start` for each index below `size`. */
export interface RequestLimit {
  run(size: number, start: (index: number) => Promise<void>): Promise<void>;
}

/** Starts all requests of a call at once, as before the limiter. */
export const NO_LIMIT: RequestLimit = {
  async run(size, start) {
    await Promise.all(Array.from({ length: size }, (_, index) => start(index)));
  },
};

/**
 * One process's client of the store. It makes one request per id, rejects requests over
 * `MAX_REQUESTS_IN_FLIGHT`, and sends requests of the same moment together.
 */
export class StoreClient implements RowStore {
  private inFlight = 0;

  constructor(
    private readonly server: RowStore,
    private readonly limit: RequestLimit,
  ) {}

  async insert(channel: string, entries: readonly StoredEntry[]): Promise<void> {
    await this.send(entries, (part) => this.server.insert(channel, part));
  }

  async find(channel: string, ids: readonly string[]): Promise<readonly FoundEntry[]> {
    return (await this.send(ids, (part) => this.server.find(channel, part))).flat();
  }

  async offsets(channel: string, ids: readonly string[]): Promise<ReadonlyMap<string, Offsets>> {
    const parts = await this.send(ids, (part) => this.server.offsets(channel, part));
    return new Map(parts.flatMap((part) => [...part]));
  }

  async withdraw(channel: string, ids: readonly string[]): Promise<void> {
    await this.send(ids, (part) => this.server.withdraw(channel, part));
  }

  async remove(channel: string, ids: readonly string[]): Promise<void> {
    await this.send(ids, (part) => this.server.remove(channel, part));
  }

  /** Sends the items, and resolves with the results of all packets. */
  private async send<Item, Result>(
    items: readonly Item[],
    call: (part: readonly Item[]) => Promise<Result>,
  ): Promise<Result[]> {
    const pipeline = new Pipeline(call);
    await this.limit.run(items.length, async (index) => {
      if (this.inFlight >= MAX_REQUESTS_IN_FLIGHT) {
        throw new LikestreamError('store_unavailable', 'too many requests are in flight');
      }
      this.inFlight += 1;
      try {
        await pipeline.add(items[index] as Item);
      } finally {
        this.inFlight -= 1;
      }
    });
    return pipeline.results;
  }
}

/** Sends requests of the same moment in one packet, which succeeds or fails as a whole. */
class Pipeline<Item, Result> {
  readonly results: Result[] = [];
  private packet: Item[] = [];
  private sent: Promise<void> | undefined;

  constructor(private readonly call: (part: readonly Item[]) => Promise<Result>) {}

  add(item: Item): Promise<void> {
    this.packet.push(item);
    this.sent ??= this.flush();
    return this.sent;
  }

  private async flush(): Promise<void> {
    await undefined;
    const { packet } = this;
    this.packet = [];
    this.sent = undefined;
    this.results.push(await this.call(packet));
  }
}
