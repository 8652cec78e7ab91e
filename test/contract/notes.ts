import type { Assignment, LogRecord, PartitionOwner } from '../../dispatchers/source';
import type { Told } from '../../schemas/broadcast';

/** An owner that notes what it is told; `refuse` makes `records` reject. */
export class Notes implements PartitionOwner {
  readonly positions = new Map<number, Assignment>();
  readonly taken: (LogRecord & { readonly partition: number })[] = [];
  readonly tales: (Told & { readonly partition: number })[] = [];
  refuse: ((records: readonly LogRecord[]) => boolean) | undefined;
  refused = 0;

  assigned(partition: number, position: Assignment): void {
    this.positions.set(partition, position);
  }

  async records(partition: number, records: readonly LogRecord[]): Promise<void> {
    if (this.refuse?.(records)) {
      this.refused += 1;
      throw new Error('not now');
    }
    for (const record of records) this.taken.push({ ...record, partition });
  }

  async told(partition: number, tales: readonly Told[]): Promise<void> {
    for (const tale of tales) this.tales.push({ ...tale, partition });
  }

  isCancelPending(): boolean {
    return false;
  }

  async revoked(partition: number): Promise<void> {
    this.positions.delete(partition);
  }

  of(channel: string): { partition: number; offset: number; value: string }[] {
    const theirs = this.taken.filter(({ key }) => key === channel);
    return theirs.map(({ partition, offset, value }) => ({ partition, offset, value }));
  }
}
