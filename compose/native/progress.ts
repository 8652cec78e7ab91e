const MILLISECONDS_PER_SECOND = 1_000;
const SECONDS_WIDTH = 6;
const DEFAULT_COLUMNS = 80;

/** Without a terminal, the current step is printed at most this often. */
const QUIET_GAP_MS = 5_000;

const CLEAR_LINE = '\r\u001b[K';

/** Receives each completed step, and the current one. */
export interface Progress {
  done(step: string): void;
  now(doing: string): void;
}

/** Prints nothing. */
export const SILENT: Progress = { done() {}, now() {} };

/** Prints a line with the elapsed seconds for each step; a terminal also shows the current one. */
export class PrintedProgress implements Progress {
  private readonly startedAt = performance.now();
  private printedAt = performance.now();

  constructor(private readonly out: NodeJS.WriteStream) {}

  done(step: string): void {
    this.out.write(`${this.out.isTTY ? CLEAR_LINE : ''}${this.line(step)}\n`);
    this.printedAt = performance.now();
  }

  now(doing: string): void {
    if (this.out.isTTY) {
      const width = (this.out.columns || DEFAULT_COLUMNS) - 1;
      this.out.write(CLEAR_LINE + this.line(`${doing} …`).slice(0, width));
    } else if (performance.now() - this.printedAt > QUIET_GAP_MS) {
      this.done(`${doing} …`);
    }
  }

  private line(text: string): string {
    const seconds = (performance.now() - this.startedAt) / MILLISECONDS_PER_SECOND;
    return `${seconds.toFixed(1).padStart(SECONDS_WIDTH)} s  ${text}`;
  }
}
