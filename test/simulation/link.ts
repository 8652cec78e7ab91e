import { MOMENTS, updatesOf } from '../../schemas/names';
import { PARTITIONS } from '../../schemas/partitions';
import type { Seeded } from './seeded';
import type { SimulatedLog } from './simulated-log';
import { NAMES, SIMULATED_PARTITIONS, TYPES, topicOf } from './types';
import type { World } from './world';

const MAX_LAG_MS = 40;
const MAX_RECORDS = 50;
const MAX_MOMENTS = 500;
const MAX_DOUBLED = 20;

const MOMENT_TOPIC = topicOf(MOMENTS);

const UPDATES = TYPES.logged.map(({ name }) => topicOf(updatesOf(name)));

/** One datacenter's updates on their way to another, as MirrorMaker carries them: at least once. */
export class Link {
  private isCut = false;
  /** By topic and partition, the next offset to carry. */
  private readonly next = new Map<string, number>();
  /** The revision of the database at which no partition had records to carry. */
  private emptyAt: number | undefined;
  /** The revision of the moments that was carried. */
  private momentsAt = 0;

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
    for (const [name, next] of this.next) {
      this.next.set(name, Math.max(0, next - this.random.below(MAX_DOUBLED)));
    }
    this.emptyAt = undefined;
    this.momentsAt = 0;
  }

  /** Loses its offsets, so that it carries everything again. */
  startOver(): void {
    this.next.clear();
    this.emptyAt = undefined;
    this.momentsAt = 0;
  }

  private later(): void {
    this.to.clock.after(this.random.below(MAX_LAG_MS), () => {
      if (!this.isCut) {
        this.carryAll();
        this.carryMoments();
      }
      this.later();
    });
  }

  // A crashed machine never answers, so nothing here waits for its answer.
  private carryAll(): void {
    const { database, log } = this.from.servers;
    if (this.emptyAt === database.revision) return;
    this.emptyAt = database.revision;
    for (const topic of UPDATES) {
      for (let partition = 0; partition < SIMULATED_PARTITIONS; partition++) {
        const first = this.next.get(`${topic}/${partition}`) ?? 0;
        const records = log.read(topic, partition, first, MAX_RECORDS);
        if (records.length === 0) continue;
        this.emptyAt = undefined;
        void this.carry(topic, partition, records);
      }
    }
  }

  private carryMoments(): void {
    const { moments } = this.from.servers;
    if (this.momentsAt === moments.revision) return;
    this.momentsAt = moments.revision;
    for (let partition = 0; partition < PARTITIONS; partition++) {
      const name = `${MOMENT_TOPIC}/${partition}`;
      const first = this.next.get(name) ?? 0;
      const records = moments.read(MOMENT_TOPIC, partition, first, MAX_MOMENTS);
      if (records.length === 0) continue;
      if (records.length === MAX_MOMENTS) this.momentsAt = -1;
      const entries = records.map(({ key, value }) => ({ partition, key, value }));
      void this.to.servers.moments.append(NAMES.mirrored(this.from.name, MOMENT_TOPIC), entries);
      this.next.set(name, first + records.length);
    }
  }

  private async carry(
    topic: string,
    partition: number,
    records: ReturnType<SimulatedLog['read']>,
  ): Promise<void> {
    const name = `${topic}/${partition}`;
    const first = this.next.get(name) ?? 0;
    const entries = records.map(({ key, value }) => ({ partition, key, value }));
    try {
      await this.to.servers.log.append(NAMES.mirrored(this.from.name, topic), entries);
      if ((this.next.get(name) ?? 0) === first) {
        this.next.set(name, (records.at(-1)?.offset ?? 0) + 1);
      }
    } catch {
      // The next turn carries it.
    }
  }
}
