import { type Clock, pause } from '../../../runtime/clock';
import { type LogEnds, type Loss, lossError } from '../../shared/log-loss';
import { ofPartition, type TopicEnds } from './topic-ends';

/** Checks before a loss is reported, and the time between two: a broker may lag briefly. */
const CHECKS = 3;
const BETWEEN_CHECKS_MS = 1_000;

/**
 * The offset after the last record of a partition, confirmed by enough brokers; rejects with
 * `log_unavailable` if it cannot be confirmed now.
 */
export type ConfirmEnd = (topic: string, partition: number) => Promise<number>;

/** The ends of a partition in one check. */
export type EndsOf = (partition: number) => Promise<LogEnds>;

/** The outcome of a check: a result, or a loss in a partition. */
export type Found<T> = { readonly result: T } | { readonly loss: Loss; readonly partition: number };

export interface LossChecksOptions {
  readonly ends: TopicEnds;
  readonly topic: string;
  readonly clock: Clock;
  /** If it is not given, the ends that kafkajs returns are not confirmed. */
  readonly confirmEnd?: ConfirmEnd | undefined;
}

/**
 * Checks a log several times before it reports a loss. The last check confirms the ends: kafkajs
 * asks the leader of its own metadata, and a leader that was cut off from its cluster answers with
 * an outdated end.
 */
export class LossChecks {
  constructor(private readonly options: LossChecksOptions) {}

  /** The result of the first check without a loss; rejects with `log_mismatch` if all have one. */
  async run<T>(check: (ends: EndsOf) => Promise<Found<T>>): Promise<T> {
    const found = await this.find(check);
    if ('result' in found) return found.result;
    throw lossError(this.options.topic, found.partition, found.loss);
  }

  /** The result of the first check without a loss; if all have one, the loss of the last check. */
  async find<T>(check: (ends: EndsOf) => Promise<Found<T>>): Promise<Found<T>> {
    for (let checks = 1; ; checks++) {
      const found = await check(checks < CHECKS ? this.ends() : this.confirmedEnds());
      if ('result' in found || checks === CHECKS) return found;
      await pause(this.options.clock, BETWEEN_CHECKS_MS);
    }
  }

  private ends(): EndsOf {
    const { ends, topic } = this.options;
    let all: Promise<ReadonlyMap<number, LogEnds>> | undefined;
    return async (partition) => {
      // One request for all partitions of a check, made when its first one is needed.
      all ??= ends.all(topic);
      return ofPartition(topic, partition, await all);
    };
  }

  private confirmedEnds(): EndsOf {
    const { confirmEnd, topic } = this.options;
    const ends = this.ends();
    return async (partition) => {
      const { high, low } = await ends(partition);
      const confirmed = (await confirmEnd?.(topic, partition)) ?? high;
      return { low, high: Math.max(high, confirmed) };
    };
  }
}
