import type { Clock } from '../../runtime/clock';
import type { Cooldown, Cooldowns } from '../cooldowns';

/** The most cooldowns in memory; beyond it, the oldest ones end early. */
export const MAX_COOLDOWNS = 100_000;

/** So many old cooldowns are examined for each new one: more than come, so the ended ones go. */
const EXAMINED_A_CALL = 2;

interface Running {
  readonly holder: string;
  /** By the monotonic clock, ms. */
  readonly endsAt: number;
}

/** The cooldowns of one process, in memory. */
export class EmbeddedCooldowns implements Cooldowns {
  /** By name; the one that was begun or examined longest ago comes first. */
  private readonly running = new Map<string, Running>();

  constructor(
    private readonly clock: Pick<Clock, 'monotonic'>,
    private readonly limit = MAX_COOLDOWNS,
  ) {}

  /** The number of cooldowns in memory. */
  get size(): number {
    return this.running.size;
  }

  async begin({ holder, name }: Cooldown, ms: number): Promise<number> {
    const now = this.clock.monotonic();
    const before = this.running.get(name);
    if (before && before.endsAt > now) return before.holder === holder ? 0 : before.endsAt - now;
    this.examineOldest(now);
    this.running.delete(name);
    this.running.set(name, { holder, endsAt: now + ms });
    return 0;
  }

  async end({ holder, name }: Cooldown): Promise<void> {
    if (this.running.get(name)?.holder === holder) this.running.delete(name);
  }

  private examineOldest(now: number): void {
    for (const [name, each] of [...first(this.running, EXAMINED_A_CALL)]) {
      this.running.delete(name);
      if (each.endsAt > now && this.running.size + 1 < this.limit) this.running.set(name, each);
    }
  }
}

function* first<Each>(all: Iterable<Each>, count: number): Generator<Each> {
  let left = count;
  for (const each of all) {
    if (left-- <= 0) return;
    yield each;
  }
}
