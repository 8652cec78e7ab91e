import type { Contributions } from '../../adapters/contributions';
import type { Heartbeat } from '../../adapters/moments';
import type { Clock } from '../../runtime/clock';
import { DIGEST_BUCKETS } from '../../schemas/digest';
import { partitionOf } from '../../schemas/partitions';
import { UNREPEATED_MS } from '../leased/own-values';
import { contributorOf, type PeerReports } from './peer-reports';

/** If heartbeats of a partition are further apart, its time begins anew, ms. */
const MAX_GAP_MS = 6_000;

/** The time between two steps of a sweep, and the buckets of a step: all in 48 s. */
const STEP_MS = 1_500;
const BUCKETS_PER_STEP = 8;

export interface PeerSweepOptions {
  readonly contributions: Pick<Contributions, 'held'>;
  readonly reports: Pick<PeerReports, 'heardAt' | 'isForgetful' | 'withdraw'>;
  readonly clock: Pick<Clock, 'monotonic'>;
}

/** A partition that this process reads; times are monotonic, ms. */
interface ReadPartition {
  /** Since when its heartbeats came without a gap, and said that all values are repeated. */
  readonly since: number;
  readonly lastAt: number;
  /** The position of its last heartbeat. */
  readonly offset: number;
}

/**
 * Withdraws values that another datacenter no longer repeats: its withdrawal was lost with the
 * dispatcher that should have sent it. Each process does so in the partitions that it reads.
 */
export class PeerSweep {
  /** By datacenter, its partitions. */
  private readonly peers = new Map<string, Map<number, ReadPartition>>();
  private readonly steps = new Map<string, { readonly at: number; readonly bucket: number }>();

  constructor(private readonly options: PeerSweepOptions) {}

  /** Notes a heartbeat, and makes the next step if it is due. Rejects as the directory does. */
  async heartbeat(datacenter: string, heartbeat: Heartbeat): Promise<void> {
    const now = this.options.clock.monotonic();
    const partitions = this.peers.get(datacenter) ?? new Map<number, ReadPartition>();
    this.peers.set(datacenter, partitions);
    const { offset, partition, repeatsAll } = heartbeat;
    const before = partitions.get(partition);
    const continues = before && now - before.lastAt <= MAX_GAP_MS && offset > before.offset;
    const since = continues && repeatsAll ? before.since : now;
    partitions.set(partition, { since, lastAt: now, offset });
    const step = this.steps.get(datacenter) ?? { at: Number.NEGATIVE_INFINITY, bucket: 0 };
    if (now - step.at < STEP_MS) return;
    const bucket = (step.bucket + BUCKETS_PER_STEP) % DIGEST_BUCKETS;
    this.steps.set(datacenter, { at: now, bucket });
    await this.sweep(datacenter, partitions, step.bucket);
  }

  private async sweep(
    datacenter: string,
    partitions: ReadonlyMap<number, ReadPartition>,
    first: number,
  ): Promise<void> {
    const { clock, contributions, reports } = this.options;
    const now = clock.monotonic();
    const known = new Map(
      [...partitions].filter(
        ([, { lastAt, since }]) => now - since > UNREPEATED_MS && now - lastAt <= MAX_GAP_MS,
      ),
    );
    if (known.size === 0 || reports.isForgetful) return;
    const buckets = Array.from({ length: BUCKETS_PER_STEP }, (_, at) => first + at);
    const feeds = await contributions.held(contributorOf(datacenter), buckets);
    const unheard = feeds.flatMap((feed) => {
      const read = known.get(partitionOf(feed.channel));
      const isHeard = now - reports.heardAt(datacenter, feed) <= UNREPEATED_MS;
      return read && !isHeard ? [{ ...feed, offset: read.offset }] : [];
    });
    if (unheard.length > 0) await reports.withdraw(datacenter, unheard);
  }
}
