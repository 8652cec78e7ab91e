import type { DeliveryGateway } from '../../../adapters/delivery-gateway';
import type { Directory } from '../../../adapters/directory';
import type { LogConsumer, LogRecord, LogSource } from '../../../adapters/log-source';
import type { Offsets, RowStore } from '../../../adapters/row-store';
import type { StateStore } from '../../../adapters/state-store';
import type { Clock } from '../../../runtime/clock';
import type { Update, Worker } from '../../../schemas/delivery';
import { PARTITIONS } from '../../../schemas/partitions';
import type { State } from '../../../schemas/state';

/** From the POST of a delivery to its answer, ms. */
const DELIVERY_MS = 5;
const EMPTY = { done: 0, from: 0, end: 0 };

/** A log in memory, all of whose partitions belong to one owner. */
export class MemorySource implements LogSource {
  commits = 0;
  private owner: LogConsumer | undefined;

  async start(owner: LogConsumer): Promise<void> {
    this.owner = owner;
    for (let partition = 0; partition < PARTITIONS; partition++) owner.assigned(partition, EMPTY);
  }

  /** Delivers one batch to each of these partitions, as a fetch from Kafka does. */
  async consume(byPartition: ReadonlyMap<number, readonly LogRecord[]>): Promise<void> {
    await Promise.all([...byPartition].map((each) => this.owner?.records(...each)));
  }

  async commit(): Promise<void> {
    this.commits++;
  }

  async verifyEnd(_: number, known: number): Promise<number> {
    return known;
  }

  async stop(): Promise<void> {}
}

/** A store without rows; counts the ids that are looked up. */
export class NoRows implements RowStore {
  lookUps = 0;

  async insert(): Promise<void> {}

  async find(): Promise<[]> {
    return [];
  }

  async offsets(_: string, ids: readonly string[]): Promise<ReadonlyMap<string, Offsets>> {
    this.lookUps += ids.length;
    return new Map();
  }

  async withdraw(): Promise<void> {}

  async remove(): Promise<void> {}
}

/** The saved states of one origin and type. */
export class MemoryStates implements StateStore {
  private readonly saved = new Map<string, State>();

  async load(channels: readonly string[]): Promise<readonly State[]> {
    return channels.flatMap((channel) => this.saved.get(channel) ?? []);
  }

  async save(states: readonly State[]): Promise<void> {
    for (const state of states) this.saved.set(state.channel, state);
  }
}

/** All workers watch all channels, once they watch at all. */
export class AllWatch implements Directory {
  isWatched = false;

  constructor(private readonly ids: readonly string[]) {}

  async digest(): Promise<[]> {
    return [];
  }

  async change(): Promise<void> {}

  async watchers(channels: readonly string[]): Promise<readonly (readonly string[])[]> {
    const ids = this.isWatched ? this.ids : [];
    return channels.map(() => ids);
  }
}

/** Encodes deliveries as the body of a POST, and answers some milliseconds later. */
export class EncodingGateway implements DeliveryGateway {
  deliveries = 0;
  updates = 0;
  bytes = 0;

  constructor(private readonly clock: Clock) {}

  deliver(worker: Worker, updates: readonly Update[]): Promise<void> {
    this.deliveries++;
    this.updates += updates.length;
    this.bytes += JSON.stringify({ to: worker.id, updates }).length;
    return new Promise((resolve) => this.clock.after(DELIVERY_MS, resolve));
  }
}
