import type { Metric, Registry } from 'prom-client';

/** What was observed with the same two labels. */
interface Observed {
  readonly labels: Readonly<Record<string, string>>;
  /** The number in each bucket, and at the end of those above all. */
  readonly counts: number[];
  sum: number;
}

export interface DurationsOptions {
  readonly name: string;
  readonly help: string;
  readonly labelNames: readonly [string, string];
  /** The upper bounds, s, rising. */
  readonly buckets: readonly number[];
  readonly registry: Registry;
}

/**
 * A histogram with two labels, for calls that are made several times a request. To observe a value
 * costs a tenth of prom-client's own, which verifies and hashes the labels each time.
 */
export class Durations {
  private readonly observed = new Map<string, Map<string, Observed>>();

  constructor(private readonly options: DurationsOptions) {
    // A registry reads only the name and `get`; `npm run docs` reads the others.
    const { help, labelNames, name } = options;
    const described = { name, help, labelNames, type: 'histogram', aggregator: 'sum' };
    const metric = { ...described, get: async () => this.described() };
    options.registry.registerMetric(metric as unknown as Metric);
  }

  /** Counts a value, s. */
  observe(first: string, second: string, seconds: number): void {
    const observed = this.observed.get(first)?.get(second) ?? this.begin(first, second);
    const { buckets } = this.options;
    let at = 0;
    while (at < buckets.length && seconds > (buckets[at] ?? 0)) at += 1;
    observed.counts[at] = (observed.counts[at] ?? 0) + 1;
    observed.sum += seconds;
  }

  private begin(first: string, second: string): Observed {
    const { buckets, labelNames } = this.options;
    const labels = { [labelNames[0]]: first, [labelNames[1]]: second };
    const observed = { labels, counts: Array<number>(buckets.length + 1).fill(0), sum: 0 };
    const bySecond = this.observed.get(first) ?? new Map<string, Observed>();
    this.observed.set(first, bySecond.set(second, observed));
    return observed;
  }

  private described() {
    const { help, name } = this.options;
    const all = [...this.observed.values()].flatMap((bySecond) => [...bySecond.values()]);
    const values = all.flatMap((observed) => this.samplesOf(observed));
    return { name, help, type: 'histogram', values, aggregator: 'sum' };
  }

  private samplesOf({ counts, labels, sum }: Observed) {
    const { buckets, name } = this.options;
    let count = 0;
    const samples = counts.map((inBucket, at) => {
      count += inBucket;
      const le = buckets[at] ?? '+Inf';
      return { labels: { le, ...labels }, value: count, metricName: `${name}_bucket` };
    });
    return [
      ...samples,
      { labels, value: sum, metricName: `${name}_sum` },
      { labels, value: count, metricName: `${name}_count` },
    ];
  }
}
