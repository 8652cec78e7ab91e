import type { RateLevels } from '../adapters/rate-levels';
import type { Clock, Timer } from '../runtime/clock';
import { Allowances, type UseReport } from '../runtime/limits/allowances';

/** The time between a use that is large enough to be reported and its report, ms. */
export const EXCHANGE_MS = 200;

/** The wait after an exchange that failed. */
export const RETRY_MS = 1_000;

/** The most uses of one limit in one exchange; the others follow in the next one. */
const MAX_REPORTS = 5_000;

export interface RateExchangeOptions {
  readonly levels: RateLevels;
  readonly clock: Pick<Clock, 'after' | 'monotonic'>;
  /** Reports a failed exchange, which is repeated. */
  readonly failed: (doing: string, error: unknown) => void;
}

interface Report extends UseReport {
  readonly limit: string;
  readonly of: Allowances;
}

/**
 * Reports to the other producers what was used of limits, and reads what they have granted. No
 * request waits for it: each producer decides by what it knows. So with n producers a member can
 * use up to n times the burst; the surplus is then subtracted, because every use is reported. While
 * the levels are unavailable, each producer decides alone.
 */
export class RateExchange {
  private readonly limits = new Map<string, Allowances>();
  private timer: Timer | undefined;
  private isClosed = false;

  constructor(private readonly options: RateExchangeOptions) {}

  /** The allowances of a limit, over all producers. */
  allowances(limit: string, rate: { readonly perS: number; readonly burst: number }): Allowances {
    const { clock } = this.options;
    const made = new Allowances({ ...rate, clock, due: () => this.plan(EXCHANGE_MS) });
    this.limits.set(limit, made);
    return made;
  }

  close(): void {
    this.isClosed = true;
    this.timer?.cancel();
  }

  private plan(ms: number): void {
    if (!this.isClosed) this.timer ??= this.options.clock.after(ms, () => void this.exchange());
  }

  /** The timer stays until it has ended, so that one runs at a time. */
  private async exchange(): Promise<void> {
    const reports = this.takeReports();
    const isDone = await this.send(reports);
    this.timer = undefined;
    const isMore = [...this.limits.values()].some(({ isDue }) => isDue);
    if (isMore) this.plan(isDone ? EXCHANGE_MS : RETRY_MS);
  }

  private takeReports(): Report[] {
    return [...this.limits].flatMap(([limit, of]) =>
      of.takeReports(MAX_REPORTS).map((report) => ({ limit, of, ...report })),
    );
  }

  private async send(reports: readonly Report[]): Promise<boolean> {
    const { failed, levels } = this.options;
    const uses = reports.map(({ key, limit, of: { perS }, used }) => {
      return { key: `${limit}/${key}`, used, perS };
    });
    try {
      const known = await levels.add(uses);
      for (const [at, report] of reports.entries()) report.of.corrected(report, known[at] ?? 0);
      return true;
    } catch (error) {
      for (const report of reports) report.of.lost(report);
      failed('exchange limits', error);
      return false;
    }
  }
}
