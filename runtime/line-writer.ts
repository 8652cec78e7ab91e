import { write, writeSync } from 'node:fs';
import type { Clock } from './clock';

/** Bytes of lines that may wait for a slow reader of the log; lines beyond are dropped. */
export const MAX_WAITING_BYTES = 1024 * 1024;

/** Bytes of one write. */
const WRITE_BYTES = 64 * 1024;

/** After a failed write, the next one is tried this much later. */
const RETRY_MS = 100;

/** A write that has taken longer than this waits for a reader that stands still. */
const STANDSTILL_MS = 100;

/** How bytes get into a file; as Node's `fs` does it. */
export interface FileWriter {
  write(
    file: number,
    bytes: Buffer,
    done: (error: NodeJS.ErrnoException | null, written: number) => void,
  ): void;
  writeSync(file: number, bytes: Buffer): number;
}

/**
 * Writes log lines without ever blocking the event loop or failing: a full disk, a closed pipe or a
 * reader that stands still costs lines, which are counted, and nothing else.
 */
export class LineWriter {
  private waiting: Buffer[] = [];
  private waitingBytes = 0;
  /** Lines lost since the process began, and how many of them a line has reported. */
  private dropped = 0;
  private reported = 0;
  /** Whether a write has begun or is to begin by itself. */
  private isBusy = false;
  /** Whether what has been written ends with a whole line. */
  private endsLine = true;
  private inFlight: { readonly bytes: Buffer; readonly since: number } | undefined;

  constructor(
    private readonly file: number,
    private readonly clock: Clock,
    private readonly writer: FileWriter = { write, writeSync },
  ) {}

  /** Takes a line, whose end is part of it. */
  write(line: string): void {
    const bytes = Buffer.from(line);
    if (this.waitingBytes + bytes.length > MAX_WAITING_BYTES) {
      this.dropped++;
      return;
    }
    this.add(bytes);
    if (this.isBusy) return;
    this.isBusy = true;
    // Lines of one turn are one write, and none is in flight if the process ends in this turn.
    this.clock.after(0, () => this.writeNext());
  }

  /**
   * Writes what waits before the process ends. A line whose write has not returned yet may then be
   * there twice. Writes nothing if the reader stands still: the process has to end.
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
      // The process ends: there is nowhere left to report it.
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

  /** Some of the lines that wait, which then wait no longer. */
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
    // A pipe that is full for now takes the same bytes later; what else fails is lost.
    if (error.code === 'EAGAIN') this.putBack(bytes);
    else this.drop(bytes);
    this.clock.after(RETRY_MS, () => this.writeNext());
  }

  private drop(bytes: Buffer): void {
    for (const byte of bytes) if (byte === LINE_END[0]) this.dropped++;
    if (this.endsLine) return;
    // The next line must not go on in the middle of one that was cut off.
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

const DROPPED = 'log lines were lost: the log could not be written, or not fast enough';
