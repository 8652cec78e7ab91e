import type { EmbeddedLog } from '../../adapters/embedded/event-log';
import { PARTITIONS } from '../../schemas/partitions';
import { mirroredTopic, UPDATES_TOPIC } from '../../schemas/peer-update';
import type { Seeded } from './seeded';
import type { World } from './world';

const MAX_LAG_MS = 40;
const MAX_RECORDS = 50;
const MAX_DOUBLED = 20;

/** One datacenter's updates on their way to another, as MirrorMaker carries them: at least once. */
export class Link {
  private isCut = false;
  /** By partition, the next offset to carry. */
  private readonly next = new Map<number, number>();
  /** The revision of the database at which no partition had records to carry. */
  private emptyAt: number | undefined;

  constructor(
    private readonly from: World,
    private readonly to: World,
    private readonly random: Seeded,
  ) {
    this.later();
  }

  cut(): void {
    this.isCut = true;
  }

  mend(): void {
    this.isCut = false;
  }

  /** Carries the last records again. */
  double(): void {
    for (const [partition, next] of this.next) {
      this.next.set(partition, Math.max(0, next - this.random.below(MAX_DOUBLED)));
    }
    this.emptyAt = undefined;
  }

  /** Loses its offsets, so that it carries everything again. */
  startOver(): void {
    this.next.clear();
    this.emptyAt = undefined;
  }

  private later(): void {
    this.to.clock.after(this.random.below(MAX_LAG_MS), () => {
      if (!this.isCut) this.carryAll();
      this.later();
    });
  }

  // A crashed machine never answers, so nothing here waits for its answer.
  private carryAll(): void {
    const { database, log } = this.from.servers;
    if (this.emptyAt === database.revision) return;
    this.emptyAt = database.revision;
    for (let partition = 0; partition < PARTITIONS; partition++) {
      const first = this.next.get(partition) ?? 0;
      const records = log.read(UPDATES_TOPIC, partition, first, MAX_RECORDS);
      if (records.length === 0) continue;
      this.emptyAt = undefined;
      void this.carry(partition, first, records);
    }
  }

  private async carry(
    partition: number,
    first: number,
    records: ReturnType<EmbeddedLog['read']>,
  ): Promise<void> {
    const entries = records.map(({ key, value }) => ({ partition, key, value }));
    try {
      await this.to.servers.log.append(mirroredTopic(this.from.name), entries);
      if ((this.next.get(partition) ?? 0) === first) {
        this.next.set(partition, (records.at(-1)?.offset ?? 0) + 1);
      }
    } catch {
      // The next turn carries it.
    }
  }
}
