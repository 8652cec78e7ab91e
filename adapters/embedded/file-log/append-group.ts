import { type FiledRecord, type GroupRecords, partitionName } from './record-bytes';

/** An append that waits for its group. */
interface WaitingAppend {
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** The appends that go into one group: written and synced together. */
export class AppendGroup {
  private readonly appends: WaitingAppend[] = [];
  private readonly byPartition = new Map<string, FiledRecord[]>();
  private bytes = 0;

  /** Adds an append; resolves or rejects with the group. */
  add(records: readonly FiledRecord[]): Promise<void> {
    for (const record of records) {
      const name = partitionName(record.topic, record.partition);
      const ofPartition = this.byPartition.get(name);
      if (ofPartition) ofPartition.push(record);
      else this.byPartition.set(name, [record]);
      this.bytes += record.value.length;
    }
    return new Promise((resolve, reject) => this.appends.push({ resolve, reject }));
  }

  /** About the size of the group before it is compressed, bytes. */
  get size(): number {
    return this.bytes;
  }

  get isEmpty(): boolean {
    return this.appends.length === 0;
  }

  get records(): GroupRecords {
    return this.byPartition;
  }

  resolve(): void {
    for (const { resolve } of this.appends) resolve();
  }

  reject(error: unknown): void {
    for (const { reject } of this.appends) reject(error);
  }
}
