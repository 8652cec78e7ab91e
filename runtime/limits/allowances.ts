import { BoundedMap } from '../bounded-map';
import type { Clock } from '../clock';

/** The most members or addresses whose use is known; of others nothing was used lately. */
export const MAX_KEYS = 50_000;

/** A use is reported to other processes once it is this part of what may be used at once. */
const REPORTED_PART = 8;

export interface AllowancesOptions {
  /** What comes back in a second. */
  readonly perS: number;
  /** What may be used at once. */
  readonly burst: number;
  readonly clock: Pick<Clock, 'monotonic'>;
  /** Called when `takeReports` has something; not called if not given. */
  readonly due?: (() => void) | undefined;
  readonly maxKeys?: number;
}

/** What was used of an allowance since the last report. */
export interface UseReport {
  readonly key: string;
  readonly used: number;
}

interface Use {
  /** What was used and has not come back yet, at `atMs` of the monotonic clock. */
  level: number;
  atMs: number;
  unreported: number;
  isDue: boolean;
}

/**
 * How much each key (a member, an address) may still use of a limit: a token bucket. A use of
 * more than `burst` is possible if nothing is used yet; later uses then wait longer. `corrected`
 * sets what all processes have used; until then, each process decides by what it knows.
 */
export class Allowances {
  private readonly uses: BoundedMap<string, Use>;
  private readonly perMs: number;
  private readonly due: string[] = [];

  constructor(private readonly options: AllowancesOptions) {
    this.uses = new BoundedMap(options.maxKeys ?? MAX_KEYS);
    this.perMs = options.perS / 1_000;
  }

  get perS(): number {
    return this.options.perS;
  }

  /** Whether `takeReports` has something. */
  get isDue(): boolean {
    return this.due.length > 0;
  }

  /** The number of keys whose use is known. */
  get size(): number {
    return this.uses.size;
  }

  /** The ms after which `cost` can be used; 0 if it can be now. */
  waitOf(key: string, cost = 1): number {
    const use = this.uses.get(key);
    return use ? this.waitAfter(use, cost) : 0;
  }

  /** Uses `cost`, and returns 0; or returns the ms to wait, and uses nothing. */
  take(key: string, cost = 1): number {
    const use = this.uses.get(key) ?? { level: 0, atMs: 0, unreported: 0, isDue: false };
    const waitMs = this.waitAfter(use, cost);
    // It becomes the newest, which is forgotten last.
    this.uses.set(key, use);
    if (waitMs > 0) return waitMs;
    use.level += cost;
    use.unreported += cost;
    this.note(key, use);
    return 0;
  }

  /** Undoes a use that was taken just before, and is not reported yet. */
  giveBack(key: string, cost = 1): void {
    const use = this.uses.get(key);
    if (!use) return;
    use.level = Math.max(0, use.level - cost);
    use.unreported = Math.max(0, use.unreported - cost);
  }

  /** Removes and returns at most `most` reports, those first that are due the longest. */
  takeReports(most: number): readonly UseReport[] {
    const keys = this.due.splice(0, most);
    return keys.flatMap((key) => {
      const use = this.uses.get(key);
      if (!use?.isDue) return [];
      const used = use.unreported;
      Object.assign(use, { isDue: false, unreported: 0 });
      return [{ key, used }];
    });
  }

  /** Sets the level after a report; what was used since then is added. */
  corrected({ key }: UseReport, level: number): void {
    const use = this.uses.get(key);
    if (use) Object.assign(use, { level: level + use.unreported, atMs: this.now() });
  }

  /** A report did not arrive, and is made again; bounded, so that an outage is not paid for. */
  lost({ key, used }: UseReport): void {
    const use = this.uses.get(key);
    if (!use) return;
    use.unreported = Math.min(use.unreported + used, this.options.burst);
    this.note(key, use);
  }

  /** Brings a use up to now, and returns the ms until there is room for `cost`. */
  private waitAfter(use: Use, cost: number): number {
    const { burst } = this.options;
    const now = this.now();
    use.level = Math.max(0, use.level - (now - use.atMs) * this.perMs);
    use.atMs = now;
    return Math.max(0, Math.ceil((use.level + Math.min(cost, burst) - burst) / this.perMs));
  }

  private note(key: string, use: Use): void {
    const { burst, due } = this.options;
    if (!due || use.isDue || use.unreported * REPORTED_PART < burst) return;
    use.isDue = true;
    this.due.push(key);
    due();
  }

  private now(): number {
    return this.options.clock.monotonic();
  }
}
