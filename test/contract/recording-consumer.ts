import type { LogConsumer, LogRecord } from '../../adapters/log-source';
import type { PeerUpdate } from '../../schemas/peer-update';
import type { Assignment } from '../../schemas/position';

/** An owner that records the calls it receives; `refuse` makes `records` reject. */
export class RecordingConsumer implements LogConsumer {
  readonly positions = new Map<number, Assignment>();
  readonly received: (LogRecord & { readonly partition: number })[] = [];
  readonly updates: (PeerUpdate & { readonly partition: number })[] = [];
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
    for (const record of records) this.received.push({ ...record, partition });
  }

  async applyPeerUpdates(partition: number, updates: readonly PeerUpdate[]): Promise<void> {
    for (const update of updates) this.updates.push({ ...update, partition });
  }

  isCancelPending(): boolean {
    return false;
  }

  async revoked(partition: number): Promise<void> {
    this.positions.delete(partition);
  }

  of(channel: string): { partition: number; offset: number; value: string }[] {
    const theirs = this.received.filter(({ key }) => key === channel);
    return theirs.map(({ partition, offset, value }) => ({ partition, offset, value }));
  }
}
