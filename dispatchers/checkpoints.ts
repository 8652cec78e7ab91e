const CHECKPOINTS_PER_WINDOW = 16;

// A window, and a quarter for checkpoints being apart and for producers' clocks that differ.
const REWIND_WINDOWS = 1.25;

/** Log places by the time of their records, so that a successor can begin a window back. */
export class Checkpoints {
  private readonly all: { readonly offset: number; readonly at: number }[] = [];

  constructor(
    private readonly windowMs: number,
    /** What is read from while nothing is known. */
    private from: number,
  ) {}

  /** Notes a record's place and its time, ms since the epoch. */
  note(offset: number, at: number): void {
    const apart = this.windowMs / CHECKPOINTS_PER_WINDOW;
    const last = this.all.at(-1);
    if (!last || at >= last.at + apart) this.all.push({ offset, at });
  }

  /** Where to read from to know all ids that copies may come of, when all below `done` is done. */
  rewound(done: number): number {
    const last = this.all.findLast(({ offset }) => offset < done);
    const until = (last?.at ?? 0) - REWIND_WINDOWS * this.windowMs;
    while ((this.all[1]?.at ?? Number.POSITIVE_INFINITY) <= until) this.all.shift();
    this.from = Math.min(done, this.all[0]?.offset ?? this.from);
    return this.from;
  }
}
