import { setTimeout as sleep } from 'node:timers/promises';
import { Histogram } from '../load/histogram';
import { Client, type ClientPlan } from './client';
import type { Crew } from './crew';
import type { Counts, Mark, Storm } from './marks';

/** Descriptors of one process end at 20,000 on small machines. */
const MOST_A_CLIENT = 18_000;
const POLL_MS = 100;

interface Watching {
  readonly client: Client;
  readonly count: number;
}

/** The histograms of a mark. */
export type Ages = 'latency' | 'oldest' | 'commentAges' | 'answers' | 'accepted';

/** The sum of several marks. */
export interface Reading extends Counts {
  /** Latency of each like, µs. */
  readonly latency: Histogram;
  /** Latency of the oldest like in each frame, µs. */
  readonly oldest: Histogram;
  /** Latency of each comment, µs. */
  readonly commentAges: Histogram;
  /** Time from each post to its answer, µs; with a rate, from the time at which it was due. */
  readonly answers: Histogram;
  /** The same of the posts that were answered 2xx. */
  readonly accepted: Histogram;
}

/** All viewers, in as many processes of the load client as necessary. */
export class Crowd {
  private readonly watching: readonly Watching[];
  /** The process that posts; it also has viewers if one process is enough. */
  private readonly poster: Client;

  /** Several plans divide the viewers among several ports; the first plan posts. */
  constructor(crew: Crew, ...plans: readonly [ClientPlan, ...ClientPlan[]]) {
    this.watching = plans.flatMap((plan) =>
      sharesOf(plan.viewers).map(({ count, from }) => {
        const firstViewer = (plan.firstViewer ?? 0) + from;
        return { client: new Client(crew, { ...plan, viewers: count, firstViewer }), count };
      }),
    );
    const [first, ...others] = this.watching;
    const isOne = first !== undefined && others.length === 0;
    this.poster = isOne ? first.client : new Client(crew, { ...plans[0], viewers: 0 });
  }

  /** Opens viewers evenly in all processes, up to a time limit; resolves with the open ones. */
  async connect(viewers: number, timeoutMs: number, told?: (open: number) => void) {
    const share = viewers / this.watching.reduce((sum, { count }) => sum + count, 0);
    for (const { client, count } of this.watching) client.connect(Math.ceil(count * share));
    const giveUpAt = performance.now() + timeoutMs;
    let open = 0;
    while (open < viewers && performance.now() < giveUpAt) {
      await sleep(POLL_MS);
      open = this.latest('open');
      told?.(open);
      const lost = this.latest('failed') + this.latest('refused') + this.latest('closed');
      if (open + lost >= viewers) break;
    }
    return this.latest('open');
  }

  /** Opens all connections that post, in advance; resolves once they are open, or too late. */
  async openPosters(connections: number, timeoutMs: number): Promise<void> {
    this.poster.openPosters();
    const giveUpAt = performance.now() + timeoutMs;
    while (this.latest('postersOpened') < connections && performance.now() < giveUpAt) {
      await sleep(POLL_MS);
    }
  }

  rate(posts: number): void {
    this.poster.rate(posts);
  }

  saturate(underWay: number): void {
    this.poster.saturate(underWay);
  }

  /** All counts so far, and the latency since the last reading. */
  async read(): Promise<Reading> {
    return readingOf(await Promise.all(this.all.map((client) => client.mark())));
  }

  /** The least and the greatest last total of each video's viewers. */
  async totals(): Promise<([number, number] | undefined)[]> {
    const all = await Promise.all(this.all.map((client) => client.totals()));
    const videos = Math.max(...all.map(({ totals }) => totals.length));
    return Array.from({ length: videos }, (_, video) => {
      const told = all.flatMap(({ totals }) => totals[video] ?? []);
      return told.length === 0 ? undefined : [Math.min(...told), Math.max(...told)];
    });
  }

  /** Cuts all viewers, which then reconnect. */
  storm(connectRate: number, timeoutMs: number): Promise<Storm[]> {
    const storms = this.watching.map(({ client }) => client.storm(connectRate, timeoutMs));
    return Promise.all(storms);
  }

  /** A count of the last second, summed over all processes. */
  latest(name: keyof Counts): number {
    return this.all.reduce((sum, { latest }) => sum + (latest?.[name] ?? 0), 0);
  }

  async end(): Promise<void> {
    await Promise.all(this.all.map((client) => client.end()));
  }

  private get all(): readonly Client[] {
    return [...new Set([...this.watching.map(({ client }) => client), this.poster])];
  }
}

/** The number of viewers of each process. */
export function sharesOf(viewers: number): { from: number; count: number }[] {
  const processes = Math.ceil(viewers / MOST_A_CLIENT);
  const count = Math.ceil(viewers / Math.max(1, processes));
  return Array.from({ length: processes }, (_, at) => ({
    from: at * count,
    count: Math.min(count, viewers - at * count),
  }));
}

function readingOf(marks: readonly Mark[]): Reading {
  const all = (which: Ages): Histogram => {
    const sum = new Histogram();
    for (const mark of marks) for (const [us, times] of mark[which]) sum.record(us, times);
    return sum;
  };
  const [first, ...others] = marks;
  if (!first) throw new Error('no load client');
  const sum = { ...first } as Record<string, unknown>;
  for (const other of others) {
    for (const [name, value] of Object.entries(other)) {
      if (typeof value === 'number') sum[name] = Number(sum[name]) + value;
    }
  }
  const [latency, oldest, commentAges] = [all('latency'), all('oldest'), all('commentAges')];
  const ages = { latency, oldest, commentAges, answers: all('answers'), accepted: all('accepted') };
  return { ...(sum as unknown as Counts), at: first.at, ...ages };
}
