import type { Batch } from 'kafkajs';
import type { LogRecord } from '../../log-source';
import type { LogEnds } from '../../shared/log-loss';

/** How far this member has read its partitions of the log. */
export class ReadProgress {
  /** By partition, the offset that its next record has. */
  private readonly nextOffsets = new Map<number, number>();
  /** By partition, records not read yet. */
  private readonly behind = new Map<number, number>();

  /** By partition, the offset that its next record has. */
  get next(): ReadonlyMap<number, number> {
    return this.nextOffsets;
  }

  /** Notes that the next record to read of a partition is at this offset. */
  advance(partition: number, next: number): void {
    this.nextOffsets.set(partition, next);
  }

  /** Notes how many records the log has after this batch. */
  noteLag(batch: Pick<Batch, 'highWatermark' | 'lastOffset' | 'partition'>): void {
    const left = Number(batch.highWatermark) - 1 - Number(batch.lastOffset());
    this.behind.set(batch.partition, left);
  }

  /** The records that were not read before. */
  unread(partition: number, records: readonly LogRecord[]): LogRecord[] {
    const next = this.nextOffsets.get(partition) ?? 0;
    return records.filter(({ offset }) => offset >= next);
  }

  /** Drops a partition that another member now owns. */
  release(partition: number): void {
    this.nextOffsets.delete(partition);
    this.behind.delete(partition);
  }

  /** Records of all partitions that were unread when each partition's last batch arrived. */
  get lag(): number {
    return [...this.behind.values()].reduce((all, records) => all + records, 0);
  }

  /**
   * A text that names the records missing before these; undefined if none are. Records that were
   * deleted at the log's beginning are not missing.
   */
  async gapBefore(
    partition: number,
    records: readonly LogRecord[],
    ends: () => Promise<LogEnds>,
  ): Promise<string | undefined> {
    const offset = records[0]?.offset ?? 0;
    const next = this.nextOffsets.get(partition) ?? offset;
    if (offset <= next) return undefined;
    const now = await ends().catch(() => undefined);
    if (now && offset <= now.low) return undefined;
    return `${next} to ${offset - 1} were skipped`;
  }
}
