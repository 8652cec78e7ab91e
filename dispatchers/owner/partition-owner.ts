import type { LogConsumer, LogRecord, LogSource } from '../../adapters/log-source';
import type { Clock, Timer } from '../../runtime/clock';
import { isFinal, LikestreamError } from '../../schemas/errors';
import { type Measures, UNMEASURED } from '../../schemas/measures';
import { datacenterOf, type PeerUpdate, type Publication } from '../../schemas/peer-update';
import type { Assignment } from '../../schemas/position';
import type { Vector } from '../../schemas/state';
import type { Dispatch } from '../delivery/dispatch';
import type { PeerPublisher } from '../peers/peer-publisher';
import type { Partition } from './partition';

const MIN_CHECKPOINT_MS = 20;
const IDLE_CHECKPOINT_MS = 500;
const MAX_CHECKPOINT_MS = 2_000;

/** Settling takes at most this share of the time: a slow store is asked less often. */
const CHECKPOINT_SHARE = 0.1;

export interface PartitionOwnerOptions {
  readonly source: LogSource;
  readonly dispatch: Pick<Dispatch, 'changed'>;
  /** Where other datacenters are told; undefined where there are none. */
  readonly publisher?: Pick<PeerPublisher, 'publish' | 'isFull' | 'published'> | undefined;
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
export class PartitionOwner implements LogConsumer {
  private readonly partitions = new Map<number, Owned>();
  private timer: Timer | undefined;
  private dueAt = 0;
  private checkpointing: Promise<void> | undefined;
  private busy = false;
  private again = false;
  private gapMs = MIN_CHECKPOINT_MS;
  private stopped = false;
  private readonly measures: Measures;

  constructor(private readonly parts: PartitionOwnerOptions) {
    this.measures = parts.measures ?? UNMEASURED;
  }

  start(): Promise<void> {
    return this.parts.source.start(this);
  }

  async stop(): Promise<void> {
    await this.parts.source.stop();
    this.stopped = true;
    this.timer?.cancel();
    await this.checkpointing;
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
      if (this.parts.publisher?.isFull) throw new LikestreamError('log_unavailable');
      const publications = await partition.consume(records);
      const updates = publications.map(({ update }) => update);
      if (this.partitions.get(number)?.partition === partition) {
        this.parts.dispatch.changed(updates);
        this.parts.publisher?.publish(publications);
        const now = this.parts.clock.now();
        for (const { t } of updates) this.measures.stage('folded', now - t);
      }
    } catch (error) {
      this.report('take', error);
      throw error;
    } finally {
      this.again = true;
      this.checkpointIn(this.gapMs);
    }
  }

  async applyPeerUpdates(number: number, tales: readonly PeerUpdate[]): Promise<void> {
    const partition = this.partitions.get(number)?.partition;
    if (!partition) throw new LikestreamError('log_unavailable', 'the partition is not held now');
    try {
      const { republished, updates } = await partition.applyPeerUpdates(tales);
      this.parts.dispatch.changed(updates);
      const now = this.parts.clock.now();
      for (const { isReplay: isAgain, origin, t } of tales) {
        if (!isAgain) this.measures.heard(datacenterOf(origin), now - t);
      }
      await this.republish(republished);
    } catch (error) {
      this.report('hear', error);
      throw error;
    }
  }

  async revoked(number: number): Promise<void> {
    const owned = this.partitions.get(number);
    // At once: the same partition may be assigned anew while the last of it is settled.
    this.partitions.delete(number);
    await this.checkpointing;
    if (owned) await this.checkpoint(number, owned);
  }

  /** The states that the owned partitions hold, by channel. */
  *held(): Iterator<readonly [string, Vector]> {
    for (const { partition } of this.partitions.values()) yield* partition.held();
  }

  // Resolves once they are in the log: only then may the position of the peer be committed.
  private async republish(publications: readonly Publication[]): Promise<void> {
    const { publisher: broadcast } = this.parts;
    if (!broadcast || publications.length === 0) return;
    if (broadcast.isFull) throw new LikestreamError('log_unavailable');
    broadcast.publish(publications);
    await broadcast.published();
  }

  /** The source reports errors after which the process ends. */
  private report(doing: string, error: unknown): void {
    if (!isFinal(error)) this.parts.failed(doing, error);
  }

  private checkpointIn(ms: number): void {
    const dueAt = this.parts.clock.monotonic() + ms;
    if (this.stopped || this.busy || (this.timer && this.dueAt <= dueAt)) return;
    this.timer?.cancel();
    this.dueAt = dueAt;
    this.timer = this.parts.clock.after(ms, () => {
      this.checkpointing = this.checkpointAll();
    });
  }

  private async checkpointAll(): Promise<void> {
    this.busy = true;
    this.again = false;
    const began = this.parts.clock.monotonic();
    const all = [...this.partitions];
    const settled = await Promise.all(all.map(([number, owned]) => this.checkpoint(number, owned)));
    const took = this.parts.clock.monotonic() - began;
    this.gapMs = Math.min(Math.max(took / CHECKPOINT_SHARE, MIN_CHECKPOINT_MS), MAX_CHECKPOINT_MS);
    this.timer = undefined;
    this.busy = false;
    if (this.again) this.checkpointIn(this.gapMs);
    else if (settled.includes(false)) this.checkpointIn(Math.max(this.gapMs, IDLE_CHECKPOINT_MS));
  }

  /** Gives whether nothing of the partition is left to be stored, saved or committed. */
  private async checkpoint(number: number, owned: Owned): Promise<boolean> {
    try {
      const position = await owned.partition.checkpoint();
      // A successor publishes only likes after the position.
      this.parts.publisher?.publish(await owned.partition.takeRepublished());
      await this.parts.publisher?.published();
      const text = JSON.stringify(position);
      if (text !== owned.committed) await this.parts.source.commit(number, position);
      owned.committed = text;
      return !owned.partition.needsCheckpoint;
    } catch (error) {
      this.parts.failed('settle', error);
      return false;
    }
  }
}
