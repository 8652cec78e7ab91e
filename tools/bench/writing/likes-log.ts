import type { LogRecord } from '../../../adapters/log-source';
import { PARTITIONS, partitionOf } from '../../../schemas/partitions';
import { encodeRecord } from '../../../schemas/record';

const MS_PER_SECOND = 1_000;
/** From a producer's clock to the log's, ms. */
const APPEND_MS = 5;
const TIME_HEX_DIGITS = 12;
const NUMBER_HEX_DIGITS = 12;
const MIXED_HEX_DIGITS = 8;
/** Spreads the numbers over the bits between. */
const MIXER = 0x9e3779b1;
const REACTIONS = ['like', 'love', 'celebrate'];

/** The likes of a log. */
export interface LikesLogOptions {
  readonly likesPerSecond: number;
  readonly videos: number;
  readonly producers: number;
  /** Likes of one record. */
  readonly likesARecord: number;
  /** Each record confirms that all but the last records of its producer are stored: so many. */
  readonly unconfirmed: number;
}

/**
 * What producers would append: records of likes with unique young ids, spread evenly over videos,
 * each of which confirms earlier ones as stored.
 */
export class LikesLog {
  private readonly ends = new Array<number>(PARTITIONS).fill(0);
  private readonly sequences: number[];
  private made = 0;
  private due = 0;

  constructor(private readonly options: LikesLogOptions) {
    this.sequences = new Array<number>(options.producers).fill(0);
  }

  /** The likes of all records so far. */
  get likes(): number {
    return this.made;
  }

  /** The records of the next `ms` milliseconds by partition; the log's clock is at `appendedAt`. */
  next(ms: number, appendedAt: number): ReadonlyMap<number, LogRecord[]> {
    const { likesARecord, likesPerSecond } = this.options;
    const byPartition = new Map<number, LogRecord[]>();
    this.due += (likesPerSecond * ms) / MS_PER_SECOND;
    while (this.made + likesARecord <= this.due) {
      const { partition, record } = this.record(appendedAt);
      const records = byPartition.get(partition);
      if (records) records.push(record);
      else byPartition.set(partition, [record]);
    }
    return byPartition;
  }

  private record(appendedAt: number): { partition: number; record: LogRecord } {
    const { likesARecord, producers, unconfirmed, videos } = this.options;
    const number = this.made / likesARecord;
    const at = appendedAt - APPEND_MS;
    const entries = Array.from({ length: likesARecord }, (_, index) => ({
      ...{ id: likeId(this.made + index, at), memberId: `member-${this.made % 100_000}`, at },
      body: { reaction: REACTIONS[this.made % REACTIONS.length] ?? '' },
    }));
    this.made += likesARecord;
    const name = number % producers;
    const seq = (this.sequences[name] ?? 0) + 1;
    this.sequences[name] = seq;
    const stored = Math.max(0, seq - unconfirmed);
    const key = `video:v${number % videos}`;
    const value = encodeRecord({ producer: `producer-${name}`, seq, stored, entries });
    const partition = partitionOf(key);
    const offset = this.ends[partition] ?? 0;
    this.ends[partition] = offset + 1;
    return { partition, record: { offset, key, value, appendedAt } };
  }
}

/** A UUIDv7 of this time; ids of different numbers below 2^48 differ. */
export function likeId(number: number, at: number): string {
  const time = at.toString(16).padStart(TIME_HEX_DIGITS, '0');
  const mixed = (Math.imul(number, MIXER) >>> 0).toString(16).padStart(MIXED_HEX_DIGITS, '0');
  const low = number.toString(16).padStart(NUMBER_HEX_DIGITS, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${mixed.slice(0, 3)}-8${mixed.slice(3, 6)}-${low}`;
}
