import { type LogEnds, lossIn } from '../../shared/log-loss';
import { type Found, LossChecks, type LossChecksOptions } from '../positions/loss-checks';

export interface MirroredEndsOptions extends Omit<LossChecksOptions, 'topic'> {
  readonly topics: readonly string[];
}

/**
 * Finds mirrored topics that end before a position, because they were created again. As with our
 * own log, several checks must agree, and enough brokers must confirm the last one. Rejects with
 * `log_unavailable` if an end cannot be confirmed.
 */
export class MirroredEnds {
  private readonly checks: ReadonlyMap<string, LossChecks>;

  constructor({ topics, ...options }: MirroredEndsOptions) {
    this.checks = new Map(topics.map((topic) => [topic, new LossChecks({ ...options, topic })]));
  }

  /** The ends of one partition, and whether they are before `done` in every check. */
  async of(topic: string, partition: number, done: number) {
    let ends: LogEnds = { low: 0, high: 0 };
    const found = await this.checksOf(topic).find<undefined>(async (endsOf) => {
      ends = await endsOf(partition);
      return foundIn(partition, ends.high, done);
    });
    return { ends, isCut: 'loss' in found };
  }

  /**
   * The ends of those partitions of a topic that end before `done` in every check; `done` has the
   * position of each partition.
   */
  async cutOf(topic: string, done: ReadonlyMap<number, number>): Promise<Map<number, number>> {
    let cut = new Map(done);
    await this.checksOf(topic).find<undefined>(async (endsOf) => {
      const ends = [...cut.keys()].map(async (partition) => {
        const { high } = await endsOf(partition);
        return [partition, high] as const;
      });
      const now = await Promise.all(ends);
      cut = new Map(now.filter(([partition, high]) => high < (done.get(partition) ?? 0)));
      for (const [partition, high] of cut)
        return foundIn(partition, high, done.get(partition) ?? 0);
      return { result: undefined };
    });
    return cut;
  }

  private checksOf(topic: string): LossChecks {
    const checks = this.checks.get(topic);
    if (!checks) throw new Error(`${topic} is no mirrored topic`);
    return checks;
  }
}

function foundIn(partition: number, high: number, done: number): Found<undefined> {
  const loss = lossIn({ high, low: 0 }, done);
  return loss ? { loss, partition } : { result: undefined };
}
