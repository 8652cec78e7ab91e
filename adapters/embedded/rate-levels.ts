import { BoundedMap } from '../../runtime/bounded-map';
import type { Clock } from '../../runtime/clock';
import type { RateLevels, RateUse } from '../rate-levels';

/** The most levels in memory; beyond it, those that were added to longest ago are forgotten. */
export const MAX_LEVELS = 100_000;

interface Level {
  readonly level: number;
  /** By the monotonic clock, ms. */
  readonly atMs: number;
}

/** The levels of one process, in memory. */
export class EmbeddedRateLevels implements RateLevels {
  private readonly levels: BoundedMap<string, Level>;

  constructor(
    private readonly clock: Pick<Clock, 'monotonic'>,
    maxLevels = MAX_LEVELS,
  ) {
    this.levels = new BoundedMap(maxLevels);
  }

  /** The number of levels in memory. */
  get size(): number {
    return this.levels.size;
  }

  async add(uses: readonly RateUse[]): Promise<readonly number[]> {
    const atMs = this.clock.monotonic();
    return uses.map(({ key, perS, used }) => {
      const before = this.levels.get(key) ?? { level: 0, atMs };
      const left = Math.max(0, before.level - ((atMs - before.atMs) * perS) / 1_000);
      this.levels.set(key, { level: left + used, atMs });
      return left + used;
    });
  }
}
