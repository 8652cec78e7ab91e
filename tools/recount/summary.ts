import { type Counts, counter } from '../../schemas/policies/counter';

/** Videos that a summary lists one by one. */
const MAX_LISTED = 20;

/** The result of a recount for one video. */
export interface Correction {
  readonly channel: string;
  readonly before: Counts;
  readonly after: Counts;
}

/** The summary of a recount of one origin, in bounded memory. */
export class RecountSummary {
  videos = 0;
  changed = 0;
  totalBefore = 0;
  totalAfter = 0;
  private largest: Correction[] = [];

  /** Adds a video; `isChanged`: its counts were replaced. */
  note(correction: Correction, isChanged: boolean): void {
    this.videos += 1;
    this.totalBefore += counter.total(correction.before);
    this.totalAfter += counter.total(correction.after);
    if (!isChanged) return;
    this.changed += 1;
    this.largest.push(correction);
    if (this.largest.length > 2 * MAX_LISTED) this.keepLargest();
  }

  /** Lines for the operator: the videos with the largest differences, then the sums. */
  lines(origin: string): string[] {
    this.keepLargest();
    const { changed, largest, totalAfter, totalBefore, videos } = this;
    const more = changed - largest.length;
    return [
      ...largest.map((correction) => `  ${lineOf(correction)}`),
      ...(more > 0 ? [`  and ${more} more`] : []),
      `${origin}: ${changed} of ${videos} videos changed, ${totalBefore} likes before, ` +
        `${totalAfter} now`,
    ];
  }

  private keepLargest(): void {
    this.largest.sort((one, other) => differenceOf(other) - differenceOf(one));
    this.largest.length = Math.min(this.largest.length, MAX_LISTED);
  }
}

function lineOf({ after, before, channel }: Correction): string {
  return `${channel} ${counter.total(before)} → ${counter.total(after)} ${JSON.stringify(after)}`;
}

function differenceOf({ after, before }: Correction): number {
  const reactions = new Set([...Object.keys(before), ...Object.keys(after)]);
  let difference = 0;
  for (const name of reactions) difference += Math.abs((after[name] ?? 0) - (before[name] ?? 0));
  return difference;
}
