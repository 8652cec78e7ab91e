import { BoundedMap } from './bounded-map';
import type { Clock } from './clock';

/** A line that stays true is written again after this time. */
export const REPEAT_MS = 60_000;

const MAX_LINES = 100;

/** Decides which lines of a lasting problem are written: each text at once, then once a minute. */
export class SlowLines {
  /** When each text was written last, by the monotonic clock. */
  private readonly writtenAtMs = new BoundedMap<string, number>(MAX_LINES);

  constructor(
    private readonly clock: Pick<Clock, 'monotonic'>,
    private readonly repeatMs = REPEAT_MS,
  ) {}

  /** Whether the text is to be written now. */
  isDue(text: string): boolean {
    const nowMs = this.clock.monotonic();
    if (nowMs - (this.writtenAtMs.get(text) ?? -Infinity) < this.repeatMs) return false;
    this.writtenAtMs.set(text, nowMs);
    return true;
  }
}
