import { type LogEnds, lossIn } from './log-loss';
import { type Found, LossLooks, type LossLooksParts } from './loss-looks';

export interface MirroredEndsOptions extends Omit<LossLooksParts, 'topic'> {
  readonly topics: readonly string[];
}

/**
 * Finds mirrored topics that end before a position: they were made anew. As in our own log, that is
 * believed only after several looks, the last of them confirmed by enough brokers. Rejects with
 * `log_unavailable` if an end cannot be confirmed.
 */
export class MirroredEnds {
  private readonly looks: ReadonlyMap<string, LossLooks>;

  constructor({ topics, ...options }: MirroredEndsOptions) {
    this.looks = new Map(topics.map((topic) => [topic, new LossLooks({ ...options, topic })]));
  }

  /** The ends of one partition, and whether they are before `done` in every look. */
  async of(topic: string, partition: number, done: number) {
    let ends: LogEnds = { low: 0, high: 0 };
    const found = await this.looksOf(topic).find<undefined>(async (endsOf) => {
      ends = await endsOf(partition);
      return foundIn(partition, ends.high, done);
    });
    return { ends, isCut: 'loss' in found };
  }

  /**
   * Where partitions of a topic end that end before `done` in every look; `done` has the position
   * of each partition.
   */
  async cutOf(topic: string, done: ReadonlyMap<number, number>): Promise<Map<number, number>> {
    let cut = new Map(done);
    await this.looksOf(topic).find<undefined>(async (endsOf) => {
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

  private looksOf(topic: string): LossLooks {
    const looks = this.looks.get(topic);
    if (!looks) throw new Error(`${topic} is no mirrored topic`);
    return looks;
  }
}

function foundIn(partition: number, high: number, done: number): Found<undefined> {
  const loss = lossIn({ high, low: 0 }, done);
  return loss ? { loss, partition } : { result: undefined };
}
