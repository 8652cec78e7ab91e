import type { Database } from '../../adapters/embedded/database';
import { positionKey } from '../../adapters/embedded/positions';
import type { ReadableLog } from '../../adapters/embedded/readable-log';
import type { PartitionEntry, PartitionLog } from '../../adapters/partition-log';
import type { Clock } from '../../runtime/clock';
import { asLikestreamError } from '../../schemas/errors';

/** A record as the log returns it. */
interface SimulatedRecord {
  readonly offset: number;
  readonly key: string;
  readonly value: string;
  /** The time of the append, ms since the epoch. */
  readonly appendedAt: number;
}

/** Records that one call of `trim` removes. */
const MAX_TRIMMED_RECORDS = 1_000;

type AppendListener = (topic: string, partition: number) => void;

/** A log in a simulated database, in place of Kafka's: `log/TOPIC/PARTITION/OFFSET`. */
export class SimulatedLog implements PartitionLog, ReadableLog {
  private readonly ends = new Map<string, number>();
  private readonly listeners = new Set<AppendListener>();

  /** `trimmed` has the records that were removed, by partition and offset. */
  constructor(
    private readonly database: Database,
    private readonly clock: Pick<Clock, 'now'>,
    private readonly trimmed = new Map<string, Map<number, SimulatedRecord>>(),
  ) {}

  /** The log after a crash of its machine. */
  restarted(): SimulatedLog {
    return new SimulatedLog(this.database, this.clock, this.trimmed);
  }

  /** The records of a partition below an offset, also those that were trimmed, for checks. */
  everything(topic: string, partition: number, below: number): SimulatedRecord[] {
    const trimmed = this.trimmed.get(partitionKey(topic, partition))?.values() ?? [];
    const all = [...trimmed, ...this.read(topic, partition, 0, below)];
    return all.filter(({ offset }) => offset < below);
  }

  async append(topic: string, entries: readonly PartitionEntry[]): Promise<readonly number[]> {
    const offsets = entries.map(({ partition }) => this.reserveOffset(topic, partition));
    const appendedAt = this.clock.now();
    const changes = entries.map(({ partition, key, value }, at) => ({
      key: recordKey(topic, partition, offsets[at] ?? 0),
      value: { key, value, appendedAt },
    }));
    try {
      await this.database.write(changes);
    } catch (error) {
      throw asLikestreamError(error, 'log_unavailable');
    }
    for (const partition of new Set(entries.map((entry) => entry.partition))) {
      for (const listener of this.listeners) listener(topic, partition);
    }
    return offsets;
  }

  /** At most `limit` records of a partition from offset `from` on; offsets may have gaps. */
  read(topic: string, partition: number, from: number, limit: number): SimulatedRecord[] {
    const range = {
      from: recordKey(topic, partition, from),
      to: partitionEnd(topic, partition),
      limit,
    };
    const records: SimulatedRecord[] = [];
    for (const { key, value } of this.database.range(range)) {
      const offset = Number(key.slice(key.lastIndexOf('/') + 1));
      records.push({ offset, ...(value as unknown as Omit<SimulatedRecord, 'offset'>) });
    }
    return records;
  }

  /** Removes records below an offset. */
  async trim(topic: string, partition: number, below: number): Promise<void> {
    const keys = this.keysBelow(topic, partition, below, MAX_TRIMMED_RECORDS);
    if (keys.length === 0) return;
    const name = partitionKey(topic, partition);
    const trimmed = this.trimmed.get(name) ?? new Map<number, SimulatedRecord>();
    this.trimmed.set(name, trimmed);
    // Before the write: a crash may apply it without an answer.
    for (const record of this.read(topic, partition, 0, keys.length)) {
      trimmed.set(record.offset, record);
    }
    await this.database.write(keys.map((key) => ({ key })));
  }

  /** The keys of at most `limit` records below offset `below`, which may be trimmed. */
  keysBelow(topic: string, partition: number, below: number, limit: number): string[] {
    const range = {
      from: recordKey(topic, partition, 0),
      to: recordKey(topic, partition, below),
      limit,
    };
    return [...this.database.range(range)].map(({ key }) => key);
  }

  /** Calls `listener` for each partition with new records; the returned function removes it. */
  onAppend(listener: AppendListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private reserveOffset(topic: string, partition: number): number {
    const name = partitionKey(topic, partition);
    const offset =
      this.ends.get(name) ??
      this.end(topic, partition) ??
      committedOffset(this.database, topic, partition);
    this.ends.set(name, offset + 1);
    return offset;
  }

  /** The offset after the last record that can be read; undefined if there is no record. */
  end(topic: string, partition: number): number | undefined {
    const last = {
      from: recordKey(topic, partition, 0),
      to: partitionEnd(topic, partition),
      limit: 1,
      reverse: true,
    };
    for (const { key } of this.database.range(last)) {
      return Number(key.slice(key.lastIndexOf('/') + 1)) + 1;
    }
    return undefined;
  }
}

// A log without records, after a trim, continues at the committed position and not at 0.
function committedOffset(database: Database, topic: string, partition: number): number {
  const position = database.get(positionKey(topic, partition)) as { done: number } | undefined;
  return position?.done ?? 0;
}

const OFFSET_DIGITS = 15;

function partitionKey(topic: string, partition: number): string {
  return `log/${topic}/${String(partition).padStart(4, '0')}`;
}

function partitionEnd(topic: string, partition: number): string {
  return `${partitionKey(topic, partition)}/~`;
}

function recordKey(topic: string, partition: number, offset: number): string {
  return `${partitionKey(topic, partition)}/${String(offset).padStart(OFFSET_DIGITS, '0')}`;
}
