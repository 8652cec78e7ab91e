/** Channels that a summary lists one by one. */
const MAX_LISTED = 20;

/** The result of a recount for one channel. */
export interface Correction {
  readonly channel: string;
  /** The total before and after the recount. */
  readonly before: number;
  readonly after: number;
  /** What a viewer is shown now. */
  readonly shown: object;
}

/** The summary of a recount of one type and origin, in bounded memory. */
export class RecountSummary {
  channels = 0;
  changed = 0;
  totalBefore = 0;
  totalAfter = 0;
  private largest: Correction[] = [];

  constructor(private readonly type: string) {}

  /** Adds a channel; `isChanged`: its state was replaced. */
  note(correction: Correction, isChanged: boolean): void {
    this.channels += 1;
    this.totalBefore += correction.before;
    this.totalAfter += correction.after;
    if (!isChanged) return;
    this.changed += 1;
    this.largest.push(correction);
    if (this.largest.length > 2 * MAX_LISTED) this.keepLargest();
  }

  /** Lines for the operator: the channels with the largest differences, then the sums. */
  lines(origin: string): string[] {
    this.keepLargest();
    const { changed, channels, largest, totalAfter, totalBefore, type } = this;
    const more = changed - largest.length;
    return [
      ...largest.map((correction) => `  ${type} of ${lineOf(correction)}`),
      ...(more > 0 ? [`  and ${more} more`] : []),
      `${origin} ${type}: ${changed} of ${channels} channels changed, ${totalBefore} before, ` +
        `${totalAfter} now`,
    ];
  }

  private keepLargest(): void {
    this.largest.sort((one, other) => differenceOf(other) - differenceOf(one));
    this.largest.length = Math.min(this.largest.length, MAX_LISTED);
  }
}

function lineOf({ after, before, channel, shown }: Correction): string {
  return `${channel} ${before} → ${after} ${JSON.stringify(shown)}`;
}

function differenceOf({ after, before }: Correction): number {
  return Math.abs(after - before);
}
