import type {
  Consumer,
  ConsumerRunConfig,
  EachBatchPayload,
  TopicPartitionOffset,
  TopicPartitionOffsetAndMetadata,
} from 'kafkajs';

type Listener = (event: { payload: object }) => void;

/** The outcome of a batch. */
interface Fed {
  resolved: string | undefined;
  isPaused: boolean;
}

/** kafkajs's consumer in memory: a test lets it join, crash and read. */
export class FakeConsumer {
  readonly events = {
    COMMIT_OFFSETS: 'commit',
    CRASH: 'crash',
    GROUP_JOIN: 'join',
    REQUEST: 'request',
  };
  readonly committed: TopicPartitionOffsetAndMetadata[] = [];
  readonly seeks: TopicPartitionOffset[] = [];
  runs = 0;
  isRunning = false;
  /** Makes `connect` reject. */
  unreachable = false;
  private readonly listeners = new Map<string, Listener[]>();
  private eachBatch: ConsumerRunConfig['eachBatch'];
  private joins = 0;
  private readonly stale = new Set<string>();

  get asConsumer(): Consumer {
    return this as unknown as Consumer;
  }

  on(name: string, listener: Listener): void {
    this.listeners.set(name, [...(this.listeners.get(name) ?? []), listener]);
  }

  async connect(): Promise<void> {
    if (this.unreachable) throw new Error('connect ECONNREFUSED');
  }

  async subscribe(): Promise<void> {}

  async run(config: ConsumerRunConfig): Promise<void> {
    this.runs += 1;
    this.isRunning = true;
    this.eachBatch = config.eachBatch;
  }

  seek(place: TopicPartitionOffset): void {
    this.seeks.push(place);
    this.stale.add(`${place.topic}/${place.partition}`);
  }

  /** Like kafkajs, resolves without a commit while the runner does not run. */
  async commitOffsets(places: TopicPartitionOffsetAndMetadata[]): Promise<void> {
    if (!this.isRunning) return;
    this.committed.push(...places);
    const topics = places.map(({ topic, ...rest }) => ({ topic, partitions: [rest] }));
    this.emit('commit', { topics });
  }

  async stop(): Promise<void> {
    this.isRunning = false;
  }

  async disconnect(): Promise<void> {}

  emit(name: string, payload: object): void {
    for (const listener of this.listeners.get(name) ?? []) listener({ payload });
  }

  /** Joins the group and is assigned partitions. */
  join(topic: string, partitions: number[]): void {
    this.joins += 1;
    const memberAssignment = { [topic]: partitions };
    this.emit('join', { memberId: `member-${this.joins}`, memberAssignment });
  }

  /** Joins again as the same member after a rebalance, and is assigned partitions by topic. */
  rejoin(memberAssignment: Readonly<Record<string, readonly number[]>>): void {
    this.emit('join', { memberId: `member-${this.joins}`, memberAssignment });
  }

  /** Crashes; `restart` is whether kafkajs restarts the consumer. */
  crash(restart: boolean): void {
    this.isRunning = false;
    this.emit('crash', { error: new Error('Unsupported assigner'), groupId: 'group', restart });
  }

  /** The next fetch begins at the offset of `seek`; batches fetched before are stale. */
  takeUpSeeks(): void {
    this.stale.clear();
  }

  /** Reads records with these offsets and values. */
  async feed(
    topic: string,
    partition: number,
    records: readonly { offset: number; value: string; timestamp?: number }[],
  ): Promise<Fed> {
    const fed: Fed = { resolved: undefined, isPaused: false };
    const last = String(records.at(-1)?.offset);
    const messages = records.map(({ offset, timestamp = 0, value }) => ({
      offset: String(offset),
      key: Buffer.from('video:a'),
      value: Buffer.from(value),
      timestamp: String(timestamp),
    }));
    const batch = { topic, partition, messages, highWatermark: last, lastOffset: () => last };
    const payload = {
      batch,
      heartbeat: async () => undefined,
      isStale: () => this.stale.has(`${topic}/${partition}`),
      pause: () => {
        fed.isPaused = true;
        return () => undefined;
      },
      resolveOffset: (offset: string) => {
        fed.resolved = offset;
      },
    };
    await this.eachBatch?.(payload as unknown as EachBatchPayload);
    return fed;
  }
}
