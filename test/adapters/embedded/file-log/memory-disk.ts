import type { LogFile, LogFolder } from '../../../../adapters/embedded/file-log/log-folder';
import type { Clock } from '../../../../runtime/clock';

/** The bytes of a file, and those of an append in progress. */
interface Content {
  bytes: Buffer;
  pending: Buffer | undefined;
}

/** A disk in memory, which can be full, can fail, and loses unsynced bytes in a crash. */
export class MemoryDisk {
  readonly files = new Map<string, Content>();
  /** Whether appends fail after a part of their bytes. */
  isFull = false;
  /** Whether no file can be removed. */
  keepsFiles = false;
  /** The number of crashes. */
  crashes = 0;
  /** The number of open files. */
  opened = 0;

  constructor(readonly clock: Pick<Clock, 'after'>) {}

  /** The folder, for a process that lives until the next crash. */
  mount(): LogFolder {
    const life = this.crashes;
    return {
      names: () => [...this.files.keys()].sort(),
      open: (name) => {
        const content = this.files.get(name) ?? { bytes: Buffer.alloc(0), pending: undefined };
        this.files.set(name, content);
        return new MemoryFile(this, content, life);
      },
      remove: (name) => {
        if (this.keepsFiles) throw new Error('the folder is read-only');
        this.files.delete(name);
      },
    };
  }

  /** Crashes: of an append in progress any part may be left, whole or with zeros at its end. */
  crash(fraction: () => number): void {
    this.crashes += 1;
    for (const content of this.files.values()) {
      const { bytes, pending } = content;
      const kept = Buffer.from(pending?.subarray(0, fraction() * (pending.length + 1)) ?? '');
      if (fraction() < 0.3) kept.fill(0, Math.floor(fraction() * kept.length));
      content.bytes = Buffer.concat([bytes, kept]);
      content.pending = undefined;
    }
  }
}

class MemoryFile implements LogFile {
  size: number;

  constructor(
    private readonly disk: MemoryDisk,
    private readonly content: Content,
    private readonly life: number,
  ) {
    this.size = content.bytes.length;
    disk.opened += 1;
  }

  append(bytes: Buffer): Promise<void> {
    if (!this.isAlive) return new Promise(() => undefined);
    this.content.pending = bytes;
    return new Promise((resolve, reject) => {
      this.disk.clock.after(1, () => {
        if (!this.isAlive) return;
        const { isFull } = this.disk;
        const part = isFull ? bytes.subarray(0, bytes.length >> 1) : bytes;
        this.content.bytes = Buffer.concat([this.content.bytes, part]);
        this.content.pending = undefined;
        if (!isFull) this.size += bytes.length;
        if (isFull) reject(new Error('no space left on device'));
        else resolve();
      });
    });
  }

  repair(): void {
    this.truncate(this.size);
  }

  truncate(size: number): void {
    this.content.bytes = this.content.bytes.subarray(0, size);
    this.size = size;
  }

  read(at: number, length: number): Buffer {
    return Buffer.from(this.content.bytes.subarray(at, at + length));
  }

  close(): void {
    this.disk.opened -= 1;
  }

  private get isAlive(): boolean {
    return this.life === this.disk.crashes;
  }
}
