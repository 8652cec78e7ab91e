import { setTimeout as sleep } from 'node:timers/promises';
import { Histogram } from '../load/histogram';
import { Client, type ClientPlan } from './client';
import type { Crew } from './crew';
import type { Counts, Mark, Storm } from './marks';

/** Descriptors of one process end at 20,000 on small machines. */
const MOST_A_CLIENT = 18_000;
const POLL_MS = 100;

/** Several marks as one. */
export interface Reading extends Counts {
  readonly latency: Histogram;
}

/** Who watches: as many processes of the load client as it takes. */
export class Crowd {
  private readonly clients: readonly Client[];
  /** Posts, and watches too where one process is enough. */
  private readonly poster: Client;

  constructor(crew: Crew, plan: ClientPlan) {
    const several = plan.viewers > MOST_A_CLIENT;
    this.clients = sharesOf(plan.viewers, several ? plan.videos : 1).map(
      ({ from, count }) => new Client(crew, { ...plan, viewers: count, firstViewer: from }),
    );
    const [first] = this.clients;
    const apart = several || !first;
    this.poster = apart ? new Client(crew, { ...plan, viewers: 0 }) : first;
    if (apart) this.clients = [...this.clients, this.poster];
  }

  /** Opens the first so many viewers of each process; resolves when they are, or the time is up. */
  async connect(viewers: number, timeoutMs: number, told?: (open: number) => void) {
    const each = Math.ceil(viewers / this.watching);
    for (const client of this.clients) client.connect(each);
    const giveUpAt = performance.now() + timeoutMs;
    let open = 0;
    while (open < viewers && performance.now() < giveUpAt) {
      await sleep(POLL_MS);
      open = this.latest('open');
      told?.(open);
      if (this.latest('failed') + this.latest('refused') >= viewers - open) break;
    }
    return this.latest('open');
  }

  rate(posts: number): void {
    this.poster.rate(posts);
  }

  saturate(underWay: number): void {
    this.poster.saturate(underWay);
  }

  /** All counts so far, and the latency since the last reading. */
  async read(): Promise<Reading> {
    return readingOf(await Promise.all(this.clients.map((client) => client.mark())));
  }

  /** Each video's viewers: the least and the greatest total that they were last told. */
  async totals(): Promise<([number, number] | undefined)[]> {
    const all = await Promise.all(this.clients.map((client) => client.totals()));
    const videos = Math.max(...all.map(({ totals }) => totals.length));
    return Array.from({ length: videos }, (_, video) => {
      const told = all.flatMap(({ totals }) => totals[video] ?? []);
      return told.length === 0 ? undefined : [Math.min(...told), Math.max(...told)];
    });
  }

  /** Cuts all and lets them come back. */
  storm(connectRate: number, timeoutMs: number): Promise<Storm[]> {
    return Promise.all(this.clients.map((client) => client.storm(connectRate, timeoutMs)));
  }

  /** A count of the last second, over all. */
  latest(name: keyof Counts): number {
    return this.clients.reduce((sum, { latest }) => sum + (latest?.[name] ?? 0), 0);
  }

  async end(): Promise<void> {
    await Promise.all(this.clients.map((client) => client.end()));
  }

  private get watching(): number {
    return Math.max(1, this.clients.length - (this.clients.length > 1 ? 1 : 0));
  }
}

/** Viewers by process, each with whole rounds of videos where that can be. */
export function sharesOf(viewers: number, videos = 1): { from: number; count: number }[] {
  if (viewers === 0) return [];
  const processes = Math.ceil(viewers / MOST_A_CLIENT);
  const even = Math.ceil(viewers / processes);
  const count = Math.min(Math.ceil(even / videos) * videos, MOST_A_CLIENT);
  return Array.from({ length: processes }, (_, at) => at * count)
    .filter((from) => from < viewers)
    .map((from) => ({ from, count: Math.min(count, viewers - from) }));
}

function readingOf(marks: readonly Mark[]): Reading {
  const latency = new Histogram();
  for (const mark of marks) for (const [us, times] of mark.latency) latency.record(us, times);
  const [first, ...others] = marks;
  if (!first) throw new Error('no load client');
  const sum = { ...first } as Record<string, unknown>;
  for (const other of others) {
    for (const [name, value] of Object.entries(other)) {
      if (typeof value === 'number') sum[name] = Number(sum[name]) + value;
    }
  }
  return { ...(sum as unknown as Counts), at: first.at, latency };
}
