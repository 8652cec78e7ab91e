import {
  AggregatorRegistry,
  Counter,
  collectDefaultMetrics,
  Gauge,
  Histogram,
  Registry,
} from 'prom-client';
import type { Measures, Stage } from '../schemas/measures';

const STAGE_BUCKETS_S = [
  0.0005, 0.001, 0.002, 0.003, 0.005, 0.0075, 0.01, 0.015, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.25,
  0.5, 1, 2.5, 5, 10,
];

/** What is read when the metrics are asked for; summed over a tree's processes, or the greatest. */
export const GAUGES = {
  viewers: { help: 'Open streams', aggregator: 'sum' },
  channels: { help: 'Channels with viewers', aggregator: 'sum' },
  flush_window_seconds: {
    help: 'How long a channel waits for its next flush: the longest that the last flushes gave',
    aggregator: 'max',
  },
  deliveries_in_flight: { help: 'Frontends that a delivery is on its way to', aggregator: 'sum' },
  event_loop_utilization: {
    help: 'Of the time since it was last read, the share in which the event loop was busy, 0 to 1',
    aggregator: 'max',
  },
  log_lag_records: { help: 'Records of owned partitions not read yet', aggregator: 'sum' },
} as const;

// The library measures the event loop's delay with a timer, which alone would wake an idle process a
// hundred times a second. It is set to the longest that timers take, and what it would say is left out.
const NEVER_MS = 2 ** 31 - 1;
const DELAYS = ['min', 'max', 'mean', 'stddev', 'p50', 'p90', 'p99'];

/** Every metric there is, in one registry a process. */
export class Metrics implements Measures {
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

  private readonly likesFolded = new Counter({
    name: 'likestream_likes_folded_total',
    help: 'Likes counted by the owners of their partitions',
    registers: [this.registry],
  });

  private readonly likesDelivered = new Counter({
    name: 'likestream_likes_delivered_total',
    help: 'Likes sent to viewers: the sum of `new` over them',
    registers: [this.registry],
  });

  private readonly peerDelays = new Histogram({
    name: 'likestream_peer_delay_seconds',
    help: 'How old the oldest like of what another datacenter told was when it came, by datacenter',
    labelNames: ['peer'] as const,
    buckets: STAGE_BUCKETS_S,
    registers: [this.registry],
  });

  private readonly stages = new Histogram({
    name: 'likestream_like_stage_seconds',
    help:
      'accepted, logged, stored: how long it took. folded, looked_up, delivered, written: how old ' +
      'the oldest like of the batch was by then',
    labelNames: ['stage'] as const,
    buckets: STAGE_BUCKETS_S,
    registers: [this.registry],
  });

  constructor() {
    collectDefaultMetrics({ register: this.registry, eventLoopMonitoringPrecision: NEVER_MS });
    for (const each of DELAYS) {
      this.registry.removeSingleMetric(`nodejs_eventloop_lag_${each}_seconds`);
    }
  }

  stage(stage: Stage, ms: number): void {
    this.stages.observe({ stage }, ms / 1_000);
  }

  folded(likes: number): void {
    this.likesFolded.inc(likes);
  }

  heard(peer: string, ms: number): void {
    this.peerDelays.observe({ peer }, ms / 1_000);
  }

  delivered(likes: number): void {
    // A cancelled double takes a like back, a counter only rises.
    if (likes > 0) this.likesDelivered.inc(likes);
  }

  /** A gauge that is read when the metrics are asked for. */
  observe(name: keyof typeof GAUGES, read: () => number): void {
    new Gauge({
      name: `likestream_${name}`,
      ...GAUGES[name],
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
