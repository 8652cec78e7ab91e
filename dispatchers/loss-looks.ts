import { type Clock, pause } from '../runtime/clock';
import { type LogEnds, type Loss, lossError } from './log-loss';
import { ofPartition, type TopicEnds } from './topic-ends';

/** A loss is reported after this many looks, at this interval: a broker may lag briefly. */
const LOOKS = 3;
const BETWEEN_LOOKS_MS = 1_000;

/**
 * The offset after the last record of a partition, confirmed by enough brokers; rejects with
 * `log_unavailable` if it cannot be confirmed now.
 */
export type ConfirmEnd = (topic: string, partition: number) => Promise<number>;

/** The ends of a partition in one look. */
export type EndsOf = (partition: number) => Promise<LogEnds>;

/** What a look has found: a result, or a loss in a partition. */
export type Found<T> = { readonly result: T } | { readonly loss: Loss; readonly partition: number };

export interface LossLooksParts {
  readonly ends: TopicEnds;
  readonly topic: string;
  readonly clock: Clock;
  /** If not given, an end that kafkajs answers in every look is believed. */
  readonly confirmEnd?: ConfirmEnd | undefined;
}

/**
 * Looks at a log more than once before it reports a loss. In the last look the ends are confirmed:
 * kafkajs asks the leader that it knows, and a leader that was cut off from its cluster answers with
 * the end that its log had then.
 */
export class LossLooks {
  constructor(private readonly parts: LossLooksParts) {}

  /** The result of the first look without a loss; rejects with `log_mismatch` if there is none. */
  async take<T>(look: (ends: EndsOf) => Promise<Found<T>>): Promise<T> {
    const found = await this.find(look);
    if ('result' in found) return found.result;
    throw lossError(this.parts.topic, found.partition, found.loss);
  }

  /** The result of the first look without a loss; if there is none, the loss of the last look. */
  async find<T>(look: (ends: EndsOf) => Promise<Found<T>>): Promise<Found<T>> {
    for (let looks = 1; ; looks++) {
      const found = await look(looks < LOOKS ? this.ends() : this.confirmedEnds());
      if ('result' in found || looks === LOOKS) return found;
      await pause(this.parts.clock, BETWEEN_LOOKS_MS);
    }
  }

  private ends(): EndsOf {
    const { ends, topic } = this.parts;
    let all: Promise<ReadonlyMap<number, LogEnds>> | undefined;
    return async (partition) => {
      // One request for all partitions of a look, made when its first one is needed.
      all ??= ends.all(topic);
      return ofPartition(topic, partition, await all);
    };
  }

  private confirmedEnds(): EndsOf {
    const { confirmEnd, topic } = this.parts;
    const ends = this.ends();
    return async (partition) => {
      const { high, low } = await ends(partition);
      const confirmed = (await confirmEnd?.(topic, partition)) ?? high;
      return { low, high: Math.max(high, confirmed) };
    };
  }
}
