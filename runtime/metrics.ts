import { AggregatorRegistry, Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';

/** Every metric there is, in one registry a process. */
export class Metrics {
  readonly registry = new Registry();

  readonly likesTaken = new Counter({
    name: 'likestream_likes_taken_total',
    help: 'Likes answered with 200 or 201, by whether the id was new',
    labelNames: ['outcome'] as const,
    registers: [this.registry],
  });

  readonly failures = new Counter({
    name: 'likestream_failures_total',
    help: 'Steps that failed and are tried again, by step and error code',
    labelNames: ['doing', 'code'] as const,
    registers: [this.registry],
  });

  readonly problems = new Counter({
    name: 'likestream_problems_total',
    help: 'Requests answered with a problem of 5xx, by code',
    labelNames: ['code'] as const,
    registers: [this.registry],
  });

  constructor() {
    collectDefaultMetrics({ register: this.registry });
  }

  /** A gauge that is read when the metrics are asked for. */
  observe(name: 'viewers' | 'channels', read: () => number): void {
    const help = { viewers: 'Open streams', channels: 'Channels with viewers' }[name];
    new Gauge({
      name: `likestream_${name}`,
      help,
      registers: [this.registry],
      collect() {
        this.set(read());
      },
    });
  }
}

/** A process's metrics as another one can add them up. */
export type Snapshot = Awaited<ReturnType<Registry['getMetricsAsJSON']>>;

/** The metrics of a process tree as one text, in Prometheus's format, summed over its processes. */
export async function metricsText(own: Metrics, workers: readonly Snapshot[]): Promise<string> {
  if (workers.length === 0) return own.registry.metrics();
  const all = [await own.registry.getMetricsAsJSON(), ...workers];
  return AggregatorRegistry.aggregate(all).metrics();
}
