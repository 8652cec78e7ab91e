import type { Clock, Timer } from '../runtime/clock';
import { datacenterOf, type Publication, type Told } from '../schemas/broadcast';
import { isFinal, LikestreamError } from '../schemas/errors';
import { type Measures, UNMEASURED } from '../schemas/measures';
import type { Vector } from '../schemas/state';
import type { Broadcast } from './broadcast';
import type { Dispatch } from './dispatch';
import type { Partition } from './partition';
import type { Assignment, LogRecord, PartitionOwner, Source } from './source';

const MIN_SETTLE_MS = 20;
const IDLE_SETTLE_MS = 500;
const MAX_SETTLE_MS = 2_000;

/** Settling takes at most this share of the time: a slow store is asked less often. */
const SETTLE_SHARE = 0.1;

export interface ConsumeParts {
  readonly source: Source;
  readonly dispatch: Pick<Dispatch, 'changed'>;
  /** Where other datacenters are told; undefined where there are none. */
  readonly broadcast?: Pick<Broadcast, 'changed' | 'isFull' | 'told'> | undefined;
  readonly clock: Clock;
  readonly measures?: Measures;
  /** Makes the working parts of a partition that has come. */
  readonly open: (partition: number, assignment: Assignment) => Partition;
  /** Told of each part that failed and will be tried again. */
  readonly failed: (doing: string, error: unknown) => void;
}

interface Owned {
  readonly partition: Partition;
  /** The position last committed, as JSON. */
  committed: string;
}

/** Owns partitions: feeds their records to the fold, settles them, and records how far they are. */
export class Consumer implements PartitionOwner {
  private readonly partitions = new Map<number, Owned>();
  private timer: Timer | undefined;
  private dueAt = 0;
  private settling: Promise<void> | undefined;
  private busy = false;
  private again = false;
  private gapMs = MIN_SETTLE_MS;
  private stopped = false;
  private readonly measures: Measures;

  constructor(private readonly parts: ConsumeParts) {
    this.measures = parts.measures ?? UNMEASURED;
  }

  start(): Promise<void> {
    return this.parts.source.start(this);
  }

  async stop(): Promise<void> {
    await this.parts.source.stop();
    this.stopped = true;
    this.timer?.cancel();
    await this.settling;
  }

  assigned(number: number, assignment: Assignment): void {
    const partition = this.parts.open(number, assignment);
    const { done, from } = assignment;
    this.partitions.set(number, { partition, committed: JSON.stringify({ done, from }) });
  }

  async records(number: number, records: readonly LogRecord[]): Promise<void> {
    const partition = this.partitions.get(number)?.partition;
    if (!partition) return;
    try {
      if (this.parts.broadcast?.isFull) throw new LikestreamError('log_unavailable');
      const publications = await partition.take(records);
      const updates = publications.map(({ update }) => update);
      if (this.partitions.get(number)?.partition === partition) {
        this.parts.dispatch.changed(updates);
        this.parts.broadcast?.changed(publications);
        const now = this.parts.clock.now();
        for (const { t } of updates) this.measures.stage('folded', now - t);
      }
    } catch (error) {
      this.report('take', error);
      throw error;
    } finally {
      this.again = true;
      this.settleIn(this.gapMs);
    }
  }

  async told(number: number, tales: readonly Told[]): Promise<void> {
    const partition = this.partitions.get(number)?.partition;
    if (!partition) throw new LikestreamError('log_unavailable', 'the partition is not held now');
    try {
      const { republished, uncancelled, updates } = await partition.hear(tales);
      this.parts.dispatch.changed(updates);
      const now = this.parts.clock.now();
      for (const { isAgain, origin, t } of tales) {
        if (!isAgain) this.measures.heard(datacenterOf(origin), now - t);
      }
      if (uncancelled !== undefined) this.cancelLater(uncancelled);
      await this.republish(republished);
    } catch (error) {
      this.report('hear', error);
      throw error;
    }
  }

  isCancelPending(number: number): boolean {
    return this.partitions.get(number)?.partition.isCancelPending ?? true;
  }

  async revoked(number: number): Promise<void> {
    const owned = this.partitions.get(number);
    // At once: the same partition may be assigned anew while the last of it is settled.
    this.partitions.delete(number);
    await this.settling;
    if (owned) await this.settle(number, owned);
  }

  /** The states that the owned partitions hold, by channel. */
  *held(): Iterator<readonly [string, Vector]> {
    for (const { partition } of this.partitions.values()) yield* partition.held();
  }

  // Resolves once they are in the log: only then may the position of the peer be committed.
  private async republish(publications: readonly Publication[]): Promise<void> {
    const { broadcast } = this.parts;
    if (!broadcast || publications.length === 0) return;
    if (broadcast.isFull) throw new LikestreamError('log_unavailable');
    broadcast.changed(publications);
    await broadcast.told();
  }

  private cancelLater(error: unknown): void {
    this.parts.failed('cancel', error);
    this.again = true;
    this.settleIn(this.gapMs);
  }

  /** The source reports errors after which the process ends. */
  private report(doing: string, error: unknown): void {
    if (!isFinal(error)) this.parts.failed(doing, error);
  }

  private settleIn(ms: number): void {
    const dueAt = this.parts.clock.monotonic() + ms;
    if (this.stopped || this.busy || (this.timer && this.dueAt <= dueAt)) return;
    this.timer?.cancel();
    this.dueAt = dueAt;
    this.timer = this.parts.clock.after(ms, () => {
      this.settling = this.settleAll();
    });
  }

  private async settleAll(): Promise<void> {
    this.busy = true;
    this.again = false;
    const began = this.parts.clock.monotonic();
    const all = [...this.partitions];
    const settled = await Promise.all(all.map(([number, owned]) => this.settle(number, owned)));
    const took = this.parts.clock.monotonic() - began;
    this.gapMs = Math.min(Math.max(took / SETTLE_SHARE, MIN_SETTLE_MS), MAX_SETTLE_MS);
    this.timer = undefined;
    this.busy = false;
    if (this.again) this.settleIn(this.gapMs);
    else if (settled.includes(false)) this.settleIn(Math.max(this.gapMs, IDLE_SETTLE_MS));
  }

  /** Gives whether nothing of the partition is left to be stored, saved or committed. */
  private async settle(number: number, owned: Owned): Promise<boolean> {
    try {
      const position = await owned.partition.settle();
      // A successor publishes only likes after the position.
      this.parts.broadcast?.changed(await owned.partition.takeRepublished());
      await this.parts.broadcast?.told();
      const text = JSON.stringify(position);
      if (text !== owned.committed) await this.parts.source.commit(number, position);
      owned.committed = text;
      return !owned.partition.unsettled;
    } catch (error) {
      this.parts.failed('settle', error);
      return false;
    }
  }
}
