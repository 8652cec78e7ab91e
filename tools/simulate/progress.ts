import type { WriteStream } from 'node:tty';

const TTY_EVERY_MS = 200;
const LINE_EVERY_MS = 10_000;

/** Shows the progress of many runs: one line that updates on a terminal, else one every 10 s. */
export class Progress {
  private readonly beganAt = performance.now();
  private shownAt = this.beganAt;
  private done = 0;
  private broken = 0;

  constructor(
    private readonly total: number,
    private readonly out: Pick<WriteStream, 'isTTY' | 'write'> = process.stderr,
  ) {}

  /** Notes a run that has ended. */
  note(isBroken: boolean): void {
    this.done += 1;
    if (isBroken) this.broken += 1;
    const now = performance.now();
    if (now - this.shownAt < (this.out.isTTY ? TTY_EVERY_MS : LINE_EVERY_MS)) return;
    this.shownAt = now;
    this.out.write(this.out.isTTY ? `\r${this.line}\u001b[K` : `${this.line}\n`);
  }

  /** Clears the progress line, so that another line can be printed. */
  clear(): void {
    if (this.out.isTTY) this.out.write('\r\u001b[K');
  }

  /** Runs a minute so far. */
  get rate(): number {
    const minutes = (performance.now() - this.beganAt) / 60_000;
    return Math.round(this.done / Math.max(minutes, Number.EPSILON));
  }

  /** The progress as text. */
  get line(): string {
    const { broken, done, rate, total } = this;
    const leftS = Math.ceil(((total - done) * 60) / Math.max(rate, 1));
    const left = leftS > 90 ? `${Math.ceil(leftS / 60)} min` : `${leftS} s`;
    return `${done} of ${total} seeds, ${rate} a minute, ${broken} broke the promise, ${left} left`;
  }
}
