import type { LogConsumer, LogRecord, LogSource } from '../../adapters/log-source';
import type { Clock, Timer } from '../../runtime/clock';
import { isFinal, LikestreamError } from '../../schemas/errors';
import type { LoggedType } from '../../schemas/event-type';
import { type Measures, UNMEASURED } from '../../schemas/measures';
import { datacenterOf } from '../../schemas/origins';
import type { PeerUpdate, Publication } from '../../schemas/peer-update';
import type { Assignment } from '../../schemas/position';
import type { Vector } from '../../schemas/state';
import type { Dispatch } from '../delivery/dispatch';
import type { PeerPublisher } from '../peers/peer-publisher';
import type { Partition } from './partition';

/** The limits of the time between two checkpoints while records arrive. */
const MIN_CHECKPOINT_MS = 20;
const MAX_CHECKPOINT_MS = 2_000;

/** The least time before the next checkpoint if no records arrive but some are not stored. */
const IDLE_CHECKPOINT_MS = 500;

/** The time before the next checkpoint at rest: a partition without records needs fewer of them. */
const REST_CHECKPOINT_MS = 600_000;

/** Checkpoints use at most this share of the time, so a slow store gets fewer of them. */
const CHECKPOINT_SHARE = 0.1;

export interface PartitionOwnerOptions {
  /** The type of the log's entries. */
  readonly type: Pick<LoggedType, 'name'>;
  readonly source: LogSource;
  readonly dispatch: Pick<Dispatch, 'changed'>;
  /** Undefined if there is one datacenter. */
  readonly publisher?: Pick<PeerPublisher, 'publish' | 'isFull' | 'published'> | undefined;
  readonly clock: Clock;
  readonly measures?: Measures;
  /** Builds a partition that was assigned. */
  readonly open: (partition: number, assignment: Assignment) => Partition;
  /** Called for each failed step, which is repeated. */
  readonly failed: (doing: string, error: unknown) => void;
}

interface Owned {
  readonly partition: Partition;
  /** The position that this owner committed last, as JSON; empty before the first one. */
  committed: string;
  /** Whether updates were dropped because the partition was revoked: a successor makes them. */
  hasDropped: boolean;
}

/** Owns partitions: counts their records, dispatches updates, and commits positions. */
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

  constructor(private readonly options: PartitionOwnerOptions) {
    this.measures = options.measures ?? UNMEASURED;
  }

  start(): Promise<void> {
    return this.options.source.start(this);
  }

  async stop(): Promise<void> {
    await this.options.source.stop();
    this.stopped = true;
    this.timer?.cancel();
    await this.checkpointing;
  }

  assigned(number: number, assignment: Assignment): void {
    const partition = this.options.open(number, assignment);
    this.partitions.set(number, { partition, committed: '', hasDropped: false });
  }

  async records(number: number, records: readonly LogRecord[]): Promise<void> {
    const owned = this.partitions.get(number);
    if (!owned) return;
    try {
      if (this.options.publisher?.isFull) throw new LikestreamError('log_unavailable');
      const publications = await owned.partition.consume(records);
      const updates = publications.map(({ update }) => update);
      if (this.partitions.get(number) !== owned) owned.hasDropped = true;
      else {
        this.options.dispatch.changed(updates);
        this.options.publisher?.publish(publications);
        const now = this.options.clock.now();
        for (const { t, type } of updates) this.measures.stage(type, 'folded', now - t);
      }
    } catch (error) {
      this.report('consume records', error);
      throw error;
    } finally {
      this.again = true;
      this.checkpointIn(this.gapMs);
    }
  }

  async applyPeerUpdates(number: number, peerUpdates: readonly PeerUpdate[]): Promise<void> {
    const partition = this.partitions.get(number)?.partition;
    if (!partition) throw new LikestreamError('log_unavailable', 'the partition is not held now');
    try {
      const { republished, uncancelled, updates } = await partition.applyPeerUpdates(peerUpdates);
      this.options.dispatch.changed(updates);
      const now = this.options.clock.now();
      for (const { isReplay, origin, t } of peerUpdates) {
        if (!isReplay)
          this.measures.peerUpdate(this.options.type.name, datacenterOf(origin), now - t);
      }
      if (uncancelled !== undefined) this.cancelLater(uncancelled);
      await this.republish(republished);
    } catch (error) {
      this.report('apply peer updates', error);
      throw error;
    }
  }

  isCancelPending(number: number): boolean {
    return this.partitions.get(number)?.partition.isCancelPending ?? true;
  }

  async revoked(number: number): Promise<void> {
    const owned = this.partitions.get(number);
    // Before the checkpoint, because the partition may be assigned again during it.
    this.partitions.delete(number);
    await this.checkpointing;
    if (owned) await this.checkpoint(number, owned);
  }

  /** The states that the owned partitions hold, by channel. */
  *held(): Generator<readonly [string, Vector]> {
    for (const { partition } of this.partitions.values()) yield* partition.held();
  }

  // Resolves once they are in the log: only then may the position of the peer be committed.
  private async republish(publications: readonly Publication[]): Promise<void> {
    const { publisher } = this.options;
    if (!publisher || publications.length === 0) return;
    if (publisher.isFull) throw new LikestreamError('log_unavailable');
    publisher.publish(publications);
    await publisher.published();
  }

  private cancelLater(error: unknown): void {
    this.options.failed('cancel', error);
    this.again = true;
    this.checkpointIn(this.gapMs);
  }

  // The source reports final errors itself, and then the process ends.
  private report(doing: string, error: unknown): void {
    if (!isFinal(error)) this.options.failed(doing, error);
  }

  private checkpointIn(ms: number): void {
    const dueAt = this.options.clock.monotonic() + ms;
    if (this.stopped || this.busy || (this.timer && this.dueAt <= dueAt)) return;
    this.timer?.cancel();
    this.dueAt = dueAt;
    this.timer = this.options.clock.after(ms, () => {
      this.checkpointing = this.checkpointAll();
    });
  }

  private async checkpointAll(): Promise<void> {
    this.busy = true;
    this.again = false;
    const startedAt = this.options.clock.monotonic();
    const all = [...this.partitions];
    const done = await Promise.all(all.map(([number, owned]) => this.checkpoint(number, owned)));
    const tookMs = this.options.clock.monotonic() - startedAt;
    this.gapMs = Math.min(
      Math.max(tookMs / CHECKPOINT_SHARE, MIN_CHECKPOINT_MS),
      MAX_CHECKPOINT_MS,
    );
    this.timer = undefined;
    this.busy = false;
    if (this.again) this.checkpointIn(this.gapMs);
    else if (done.includes(false)) this.checkpointIn(Math.max(this.gapMs, IDLE_CHECKPOINT_MS));
    else this.checkpointIn(REST_CHECKPOINT_MS);
  }

  /** Resolves with whether nothing of the partition is left to be stored, saved or committed. */
  private async checkpoint(number: number, owned: Owned): Promise<boolean> {
    try {
      const { position, republished } = await owned.partition.checkpoint();
      if (owned.hasDropped) return false;
      // Before the commit, because a successor publishes only entries after the position.
      this.options.publisher?.publish(republished);
      await this.options.publisher?.published();
      const text = JSON.stringify(position);
      if (text !== owned.committed) await this.options.source.commit(number, position);
      owned.committed = text;
      return !owned.partition.needsCheckpoint;
    } catch (error) {
      this.options.failed('checkpoint', error);
      return false;
    }
  }
}
