import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { ROOT } from '../../compose/native/folders';
import type { Progress } from '../../compose/native/progress';
import { LightStream } from '../../test/stack/light-stream';
import { tokenOf } from '../../test/stack/member-tokens';
import type { RoleProcess } from '../../test/stack/role-process';
import { Site } from '../../test/stack/site';
import type { Crew } from './crew';
import { Crowd } from './crowd';
import { cpuSeconds, treeOf } from './proc';
import { likesPost, MAX_VIEWERS } from './servers/likestream';
import { VIDEO } from './target';

const CONNECT_MS = 600_000;
/** Joins, reports and snapshots of the last viewers are over after this time. */
const SETTLE_MS = 15_000;
const MS_PER_SECOND = 1_000;

/** Viewers on real servers, and how many come and go. */
export interface CountingLoad {
  readonly viewers: number;
  readonly videos: number;
  /** Processes of each of the two frontends. */
  readonly workers: number;
  /** Members who open a stream each second; as many close theirs. */
  readonly changes: number;
  readonly seconds: number;
  /** Viewers who connect each second at the beginning. */
  readonly connects: number;
}

/** What the parts used in a window, in cores. */
export interface Use {
  readonly frontends: number;
  readonly dispatchers: number;
  readonly redis: number;
  /** Redis commands a second, with those inside scripts. */
  readonly commands: number;
}

export interface Counting {
  readonly checkout: string;
  readonly open: number;
  readonly atRest: Use;
  readonly changing: Use;
}

/** Measures the use of each build with viewers who stay, and with members who come and go. */
export async function counting(
  crew: Crew,
  checkouts: readonly string[],
  load: CountingLoad,
  progress: Progress,
): Promise<Counting[]> {
  const all: Counting[] = [];
  for (const checkout of checkouts) {
    // Each build has servers of its own: another release writes other states.
    const site = new Site({ fullSpeed: true });
    const end = crew.adopt(() => site.end());
    try {
      progress.now('starting Kafka, Cassandra, Redis and two of each role');
      await startRoles(site, checkout, load);
      all.push(await measure(crew, site, checkout, load, progress));
    } finally {
      await end();
    }
  }
  return all;
}

async function startRoles(site: Site, checkout: string, load: CountingLoad): Promise<void> {
  await site.startServers();
  const build = checkout === ROOT ? undefined : checkout;
  const more = { PARTITIONS: '4', ANONYMOUS: 'watch', MAX_VIEWERS: String(MAX_VIEWERS) };
  await site.startRoles(['producer', 'dispatcher'], more, build);
  await site.startRoles(['frontend'], { ...more, WORKERS: String(load.workers) }, build);
}

async function measure(
  crew: Crew,
  site: Site,
  checkout: string,
  load: CountingLoad,
  progress: Progress,
): Promise<Counting> {
  const { changes, seconds, videos, viewers } = load;
  const post = likesPost(site.roles.producer[0]?.port ?? 0);
  const [first, ...others] = site.roles.frontend.map(({ port }) => ({
    target: { port, path: `/stream?channel=video:${VIDEO}`, post },
    ...{ viewers: viewers / 2, videos, connectRate: load.connects / 2 },
  }));
  if (!first) throw new Error('no frontend');
  const crowd = new Crowd(crew, first, ...others);
  const open = await crowd.connect(viewers, CONNECT_MS, (now) =>
    progress.now(`${now} of ${viewers} viewers`),
  );
  await sleep(SETTLE_MS);
  progress.now('at rest');
  const atRest = await useOf(site, () => sleep(seconds * MS_PER_SECOND));
  const visitors = new Visitors(site, videos);
  await visitors.comeAndGo(changes, SETTLE_MS);
  progress.now(`${changes} come and ${changes} go a second`);
  const changing = await useOf(site, () => visitors.comeAndGo(changes, seconds * MS_PER_SECOND));
  visitors.close();
  await crowd.end();
  return { checkout, open, atRest, changing };
}

async function useOf(site: Site, during: () => Promise<unknown>): Promise<Use> {
  const redis = new Redis(site.stack.addresses.redis);
  const now = async () => {
    const info = await redis.info();
    const of = (name: string): number => Number(new RegExp(`^${name}:(.*)`, 'm').exec(info)?.[1]);
    return {
      at: performance.now() / MS_PER_SECOND,
      frontends: cpuOf(site.roles.frontend),
      dispatchers: cpuOf(site.roles.dispatcher),
      redis: of('used_cpu_user') + of('used_cpu_sys'),
      commands: of('total_commands_processed'),
    };
  };
  const from = await now();
  await during();
  const to = await now();
  redis.disconnect();
  const rate = (name: keyof Use): number => (to[name] - from[name]) / (to.at - from.at);
  const [frontends, dispatchers] = [rate('frontends'), rate('dispatchers')];
  return { frontends, dispatchers, redis: rate('redis'), commands: rate('commands') };
}

function cpuOf(processes: readonly RoleProcess[]): number {
  return cpuSeconds(processes.flatMap(({ pid }) => (pid === undefined ? [] : treeOf(pid))));
}

/** Members who open streams on both frontends, and close them. */
class Visitors {
  private readonly streams: LightStream[] = [];
  private count = 0;

  constructor(
    private readonly site: Site,
    private readonly videos: number,
  ) {}

  /** For this time, so many come each second, and each stays for two seconds. */
  async comeAndGo(aSecond: number, ms: number): Promise<void> {
    const until = performance.now() + ms;
    for (let due = performance.now(); due < until; due += MS_PER_SECOND / aSecond) {
      if (this.streams.length >= 2 * aSecond) this.streams.shift()?.close();
      await this.open();
      await sleep(Math.max(0, due - performance.now()));
    }
  }

  close(): void {
    for (const stream of this.streams.splice(0)) stream.close();
  }

  private async open(): Promise<void> {
    this.count += 1;
    const { frontend } = this.site.roles;
    const video = VIDEO.replace('@V@', String(Math.floor(Math.random() * this.videos)));
    const stream = new LightStream({
      url: frontend[this.count % frontend.length]?.url ?? '',
      token: await tokenOf(`visitor-${this.count}`),
      channels: [`video:${video}`],
      opened: () => undefined,
      closed: () => undefined,
    });
    this.streams.push(stream);
  }
}
