import { write, writeSync } from 'node:fs';
import type { Clock } from './clock';

/** Bytes of lines that may wait for a slow reader of the log; further lines are dropped. */
export const MAX_WAITING_BYTES = 1024 * 1024;

/** Bytes of one write. */
const WRITE_BYTES = 64 * 1024;

/** The time between a failed write and the next one. */
const RETRY_MS = 100;

/** If a write takes longer than this, the reader of the log is stuck. */
const STANDSTILL_MS = 100;

/** The functions of Node's `fs` that write bytes to a file. */
export interface FileWriter {
  write(
    file: number,
    bytes: Buffer,
    done: (error: NodeJS.ErrnoException | null, written: number) => void,
  ): void;
  writeSync(file: number, bytes: Buffer): number;
}

/**
 * Writes log lines and never blocks the event loop or fails. If the disk is full, the pipe is
 * closed or the reader is stuck, it drops lines and counts them.
 */
export class LineWriter {
  private waiting: Buffer[] = [];
  private waitingBytes = 0;
  /** Lines dropped since the process began, and how many of them are reported in the log. */
  private dropped = 0;
  private reported = 0;
  /** Whether a write is in flight or scheduled. */
  private isBusy = false;
  /** Whether the bytes written so far end with a whole line. */
  private endsLine = true;
  private inFlight: { readonly bytes: Buffer; readonly since: number } | undefined;

  constructor(
    private readonly file: number,
    private readonly clock: Clock,
    private readonly writer: FileWriter = { write, writeSync },
  ) {}

  /** Queues a line, including its line end. */
  write(line: string): void {
    const bytes = Buffer.from(line);
    if (this.waitingBytes + bytes.length > MAX_WAITING_BYTES) {
      this.dropped++;
      return;
    }
    this.add(bytes);
    if (this.isBusy) return;
    this.isBusy = true;
    // Lines of one turn become one write; none is in flight if the process ends in this turn.
    this.clock.after(0, () => this.writeNext());
  }

  /**
   * Writes the waiting lines before the process ends. Lines of a write in flight may then be in the
   * log twice. Writes nothing if the reader is stuck, because the process must end.
   */
  flush(): void {
    const { bytes, since } = this.inFlight ?? { bytes: Buffer.alloc(0), since: Infinity };
    if (this.clock.monotonic() - since > STANDSTILL_MS) return;
    this.reportDropped();
    const all = Buffer.concat([bytes, ...this.waiting.splice(0)]);
    this.waitingBytes = 0;
    try {
      for (let at = 0; at < all.length; ) at += this.writer.writeSync(this.file, all.subarray(at));
    } catch {
      // The process ends, so this cannot be reported.
    }
  }

  private add(bytes: Buffer): void {
    this.waiting.push(bytes);
    this.waitingBytes += bytes.length;
  }

  private reportDropped(): void {
    if (this.dropped === this.reported) return;
    this.reported = this.dropped;
    const line = { level: WARN, dropped: this.dropped, msg: DROPPED };
    this.add(Buffer.from(`${JSON.stringify(line)}\n`));
  }

  private writeNext(): void {
    const bytes = this.nextBytes();
    this.isBusy = bytes.length > 0;
    if (!this.isBusy) return;
    this.inFlight = { bytes, since: this.clock.monotonic() };
    this.writer.write(this.file, bytes, (error, written) => {
      this.inFlight = undefined;
      if (error) this.failed(error, bytes);
      else this.wrote(bytes, written);
    });
  }

  /** Removes the waiting lines of the next write and returns them. */
  private nextBytes(): Buffer {
    if (this.waitingBytes < MAX_WAITING_BYTES / 2) this.reportDropped();
    const some: Buffer[] = [];
    let length = 0;
    for (const line of this.waiting) {
      if (length > 0 && length + line.length > WRITE_BYTES) break;
      some.push(line);
      length += line.length;
    }
    this.waiting.splice(0, some.length);
    this.waitingBytes -= length;
    return Buffer.concat(some);
  }

  private wrote(bytes: Buffer, written: number): void {
    if (written > 0) this.endsLine = bytes[written - 1] === LINE_END[0];
    if (written < bytes.length) this.putBack(bytes.subarray(written));
    this.writeNext();
  }

  private failed(error: NodeJS.ErrnoException, bytes: Buffer): void {
    // A full pipe accepts the same bytes later. After any other error they are lost.
    if (error.code === 'EAGAIN') this.putBack(bytes);
    else this.drop(bytes);
    this.clock.after(RETRY_MS, () => this.writeNext());
  }

  private drop(bytes: Buffer): void {
    for (const byte of bytes) if (byte === LINE_END[0]) this.dropped++;
    if (this.endsLine) return;
    // Ends a line that was cut off, so that the next one begins on its own line.
    this.endsLine = true;
    this.putBack(LINE_END);
  }

  private putBack(bytes: Buffer): void {
    this.waiting.unshift(bytes);
    this.waitingBytes += bytes.length;
  }
}

const LINE_END = Buffer.from('\n');

/** pino's number for warnings. */
const WARN = 40;

const DROPPED = 'log lines were dropped: the log could not be written fast enough, or not at all';
