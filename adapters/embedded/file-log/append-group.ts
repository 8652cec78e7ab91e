import type { FiledRecord } from './record-bytes';

/** An append that waits for its group. */
interface WaitingAppend {
  readonly records: readonly FiledRecord[];
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** The appends that go into one group: written and synced together. */
export class AppendGroup {
  private readonly appends: WaitingAppend[] = [];
  private bytes = 0;

  /** Adds an append; resolves or rejects with the group. */
  add(records: readonly FiledRecord[]): Promise<void> {
    for (const { value } of records) this.bytes += value.length;
    return new Promise((resolve, reject) => this.appends.push({ records, resolve, reject }));
  }

  /** About the size of the group, bytes. */
  get size(): number {
    return this.bytes;
  }

  get isEmpty(): boolean {
    return this.appends.length === 0;
  }

  get records(): readonly FiledRecord[] {
    return this.appends.flatMap(({ records }) => records);
  }

  resolve(): void {
    for (const { resolve } of this.appends) resolve();
  }

  reject(error: unknown): void {
    for (const { reject } of this.appends) reject(error);
  }
}
