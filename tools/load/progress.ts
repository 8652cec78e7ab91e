import type { Tally } from './tally';

const EVERY_MS = 1000;
const MS_PER_SECOND = 1000;
const US_TO_MS = 0.001;
const DEFAULT_COLUMNS = 100;
const CLEAR_LINE = '\r\x1b[2K';

/** A line on stderr each second; on a terminal it replaces the line before. */
export class Progress {
  private readonly begun = performance.now();
  private readonly timer: NodeJS.Timeout;
  private phase = '';
  private at = this.begun;
  private before = { taken: 0, delivered: 0, frames: 0 };

  constructor(
    private readonly tally: Tally,
    private readonly connected: () => number,
    private readonly out: NodeJS.WriteStream = process.stderr,
  ) {
    this.timer = setInterval(() => this.tick(), EVERY_MS);
  }

  /** Sets the name of the current phase. */
  enter(phase: string): void {
    this.phase = phase;
  }

  /** Stops the lines. */
  close(): void {
    clearInterval(this.timer);
    if (this.out.isTTY) {
      this.out.write(CLEAR_LINE);
    }
  }

  private tick(): void {
    const line = this.line();
    if (this.out.isTTY) {
      this.out.write(CLEAR_LINE + line.slice(0, (this.out.columns || DEFAULT_COLUMNS) - 1));
    } else {
      this.out.write(`${line}\n`);
    }
  }

  private line(): string {
    const { tally, before } = this;
    const now = performance.now();
    const seconds = (now - this.at) / MS_PER_SECOND;
    const rate = (from: number, to: number): string =>
      Math.round((to - from) / seconds).toLocaleString('en');
    const { p50, p99 } = tally.latestLatency.quantiles(US_TO_MS);
    const words = [
      `${((now - this.begun) / MS_PER_SECOND).toFixed(0)} s ${this.phase}`,
      `${this.connected().toLocaleString('en')} viewers`,
      `${rate(before.taken, tally.likesTaken)} likes/s`,
      `${rate(before.frames, tally.frames)} frames/s`,
      `${rate(before.delivered, tally.delivered)} delivered/s`,
      `p50 ${p50.toFixed(0)} p99 ${p99.toFixed(0)} ms`,
    ];
    this.at = now;
    const { likesTaken: taken, delivered, frames } = tally;
    this.before = { taken, delivered, frames };
    tally.latestLatency.reset();
    return words.join(' · ');
  }
}
