import {
  AggregatorRegistry,
  Counter,
  collectDefaultMetrics,
  Gauge,
  Histogram,
  Registry,
} from 'prom-client';
import type { Measures, Stage } from '../schemas/measures';
import { Durations } from './durations';
import type { LimitName } from './limits/catalogue';
import { TakenEntries } from './taken-entries';

const MS_PER_SECOND = 1_000;

const STAGE_BUCKETS_S = [
  0.0005, 0.001, 0.002, 0.003, 0.005, 0.0075, 0.01, 0.015, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.25,
  0.5, 1, 2.5, 5, 10,
];

/** Values read at each scrape; `aggregator` combines those of the processes of a tree. */
export const GAUGES = {
  viewers: { help: 'Open streams', aggregator: 'sum' },
  channels: { help: 'Channels held: with viewers, or left less than 5 s ago', aggregator: 'sum' },
  flush_window_seconds: {
    help: 'Time until the next flush of the channel that was flushed last',
    aggregator: 'max',
  },
  deliveries_in_flight: {
    help: 'Frontends to which a delivery is in flight or waits',
    aggregator: 'sum',
  },
  event_loop_utilization: {
    help: 'Busy share of the event loop since the last scrape, 0 to 1',
    aggregator: 'max',
  },
  writes_allowed: {
    help:
      'Writes that may be in flight now, a write of 640 bytes counts as 11; it shrinks ' +
      'while the process has too much work',
    aggregator: 'min',
  },
  log_lag_records: {
    help: 'Records of owned partitions that are not read yet; only with Kafka',
    aggregator: 'sum',
  },
} as const;

// prom-client measures the event loop's delay with a timer that would wake an idle process a
// hundred times a second. So the timer gets the longest interval, and its metrics are removed.
const NEVER_MS = 2 ** 31 - 1;
const DELAYS = ['min', 'max', 'mean', 'stddev', 'p50', 'p90', 'p99'];

/** All metrics of a process, in one registry. */
export class Metrics implements Measures {
  readonly registry = new Registry();

  readonly failures = new Counter({
    name: 'likestream_failures_total',
    help: 'Failed steps that are tried again, by step and error code',
    labelNames: ['doing', 'code'] as const,
    registers: [this.registry],
  });

  readonly problems = new Counter({
    name: 'likestream_problems_total',
    help: 'Requests answered with a 5xx problem, by error code',
    labelNames: ['code'] as const,
    registers: [this.registry],
  });

  readonly refusals = new Counter({
    name: 'likestream_refusals_total',
    help: 'Requests refused for want of a valid token, by reason',
    labelNames: ['reason'] as const,
    registers: [this.registry],
  });

  private readonly limitedRequests = new Counter({
    name: 'likestream_limited_total',
    help: 'Requests, streams and connections refused by a limit of settings.md',
    labelNames: ['limit'] as const,
    registers: [this.registry],
  });

  private readonly entriesTaken = new TakenEntries(this.registry);

  private readonly entriesFolded = new Counter({
    name: 'likestream_entries_folded_total',
    help: 'Entries that owners of partitions have counted',
    labelNames: ['type'] as const,
    registers: [this.registry],
  });

  private readonly entriesDelivered = new Counter({
    name: 'likestream_entries_delivered_total',
    help: 'Entries sent to viewers: the sum over all events of the entries that were new in each',
    labelNames: ['type'] as const,
    registers: [this.registry],
  });

  private readonly peerDelays = new Histogram({
    name: 'likestream_peer_delay_seconds',
    help: 'Age of the oldest entry in an update when it arrives from another datacenter',
    labelNames: ['type', 'peer'] as const,
    buckets: STAGE_BUCKETS_S,
    registers: [this.registry],
  });

  private readonly stages = new Durations({
    name: 'likestream_stage_seconds',
    help:
      'accepted, logged, stored: duration of the stage. folded, looked_up, delivered, written: ' +
      'age of the oldest entry of the batch at the end of the stage',
    labelNames: ['type', 'stage'],
    buckets: STAGE_BUCKETS_S,
    registry: this.registry,
  });

  constructor() {
    collectDefaultMetrics({ register: this.registry, eventLoopMonitoringPrecision: NEVER_MS });
    for (const each of DELAYS) {
      this.registry.removeSingleMetric(`nodejs_eventloop_lag_${each}_seconds`);
    }
  }

  limited(limit: LimitName, count = 1): void {
    this.limitedRequests.inc({ limit }, count);
  }

  stage(type: string, stage: Stage, ms: number): void {
    this.stages.observe(type, stage, ms / MS_PER_SECOND);
  }

  taken(type: string, outcome: 'new' | 'known', entries: number): void {
    this.entriesTaken.add(type, outcome, entries);
  }

  folded(type: string, entries: number): void {
    this.entriesFolded.inc({ type }, entries);
  }

  peerUpdate(type: string, peer: string, ms: number): void {
    this.peerDelays.observe({ type, peer }, ms / MS_PER_SECOND);
  }

  delivered(type: string, entries: number): void {
    // A cancelled duplicate lowers the total, but a counter can only rise.
    if (entries > 0) this.entriesDelivered.inc({ type }, entries);
  }

  /** Registers a gauge whose value is read at each scrape. */
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

/** A process's metrics, in a form that another process can add up. */
export type Snapshot = Awaited<ReturnType<Registry['getMetricsAsJSON']>>;

/** The metrics of a process tree as one text, in Prometheus's format, summed over its processes. */
export async function metricsText(own: Metrics, workers: readonly Snapshot[]): Promise<string> {
  if (workers.length === 0) return own.registry.metrics();
  const all = [await own.registry.getMetricsAsJSON(), ...workers];
  return AggregatorRegistry.aggregate(all).metrics();
}
