import {
  closeSync,
  fdatasync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  unlinkSync,
  write,
} from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const writeTo = promisify(write);
const dataSync = promisify(fdatasync);

/** A file that only grows at its end. */
export interface LogFile {
  /** The bytes that are synced. */
  readonly size: number;
  /** Appends bytes; resolves once they are synced. One call at a time. */
  append(bytes: Buffer): Promise<void>;
  /** Drops all bytes after `size`: what a failed append has left. Throws if that fails. */
  repair(): void;
  /** Drops all bytes from `size` on. */
  truncate(size: number): void;
  read(at: number, length: number): Buffer;
  close(): void;
}

/** The folder of a log's files. */
export interface LogFolder {
  /** The names of its files, in order. */
  names(): readonly string[];
  /** Opens a file, and creates it if it does not exist. */
  open(name: string): LogFile;
  remove(name: string): void;
}

/** A log's folder on a disk. */
export class DiskFolder implements LogFolder {
  constructor(private readonly path: string) {
    mkdirSync(path, { recursive: true });
  }

  names(): readonly string[] {
    return readdirSync(this.path).sort();
  }

  open(name: string): LogFile {
    const file = new DiskFile(join(this.path, name));
    this.sync();
    return file;
  }

  remove(name: string): void {
    unlinkSync(join(this.path, name));
  }

  // A new file survives a loss of power only once its folder is synced.
  private sync(): void {
    const folder = openSync(this.path, 'r');
    try {
      fsyncSync(folder);
    } finally {
      closeSync(folder);
    }
  }
}

/** A file on a disk. Writes and syncs run on Node's thread pool, so this thread never waits. */
class DiskFile implements LogFile {
  private readonly descriptor: number;
  size: number;

  constructor(path: string) {
    this.descriptor = openSync(path, 'a+');
    this.size = fstatSync(this.descriptor).size;
  }

  async append(bytes: Buffer): Promise<void> {
    let written = 0;
    while (written < bytes.length) {
      const { bytesWritten } = await writeTo(this.descriptor, bytes, written);
      written += bytesWritten;
    }
    await dataSync(this.descriptor);
    this.size += bytes.length;
  }

  repair(): void {
    this.truncate(this.size);
  }

  truncate(size: number): void {
    ftruncateSync(this.descriptor, size);
    fsyncSync(this.descriptor);
    this.size = size;
  }

  read(at: number, length: number): Buffer {
    const bytes = Buffer.allocUnsafe(length);
    const count = readSync(this.descriptor, bytes, 0, length, at);
    return bytes.subarray(0, count);
  }

  close(): void {
    closeSync(this.descriptor);
  }
}
