import { setTimeout as sleep } from 'node:timers/promises';
import type { Progress } from '../../compose/native/progress';
import type { RoleProcess } from '../../test/stack/role-process';
import { Site } from '../../test/stack/site';
import type { Options } from '../load/options';
import type { Result } from '../load/result';
import { Run } from '../load/run';
import type { Crew } from './crew';
import { cpuSeconds, pssBytes, treeOf } from './proc';

const SAMPLE_MS = 500;
const MS_PER_SECOND = 1_000;
const MIB = 1_048_576;
/** The likes and comments of the warm-up, as a share of the load's. */
const WARM_UP_SHARE = 0.5;

/** A conversation on real servers. */
export interface TalkingLoad {
  readonly viewers: number;
  /** Likes and comments a second, of one video. */
  readonly likes: number;
  readonly comments: number;
  /** Comments that are posted at once, after a third of the time. */
  readonly burst: number;
  readonly seconds: number;
  /** The JVMs compile for so long, at half of the load. */
  readonly warmUpSeconds: number;
}

/** The memory of a role's processes, MiB. */
export interface Memory {
  readonly before: number;
  readonly peak: number;
  readonly after: number;
}

export interface Talking {
  readonly load: TalkingLoad;
  readonly result: Result;
  /** While likes and comments were posted, in cores. */
  readonly cores: Readonly<Record<string, number>>;
  readonly memory: Readonly<Record<string, Memory>>;
}

/** What the parts have used until a moment. */
interface Sample {
  readonly at: number;
  readonly cpu: Readonly<Record<string, number>>;
  readonly bytes: Readonly<Record<string, number>>;
}

/** Likes and comments of one video on real servers, with two of each role: figures by type. */
export async function talking(crew: Crew, load: TalkingLoad, progress: Progress): Promise<Talking> {
  const site = new Site({ fullSpeed: true });
  const end = crew.adopt(() => site.end());
  try {
    progress.now('starting Kafka, Cassandra, Redis and two of each role');
    await site.start({ PARTITIONS: '4' });
    const half = { likes: load.likes * WARM_UP_SHARE, comments: load.comments * WARM_UP_SHARE };
    const warmUp = { ...load, ...half, burst: 0, seconds: load.warmUpSeconds };
    if (warmUp.seconds > 0) await run(site, warmUp, 'warm-up');
    const sampler = new Sampler(site);
    await sampler.start();
    const result = await run(site, load, 'talk');
    await sampler.stop();
    const { from, to } = result.posted;
    return { load, result, cores: sampler.cores(from, to), memory: sampler.memory(from, to) };
  } finally {
    await end();
  }
}

function run(site: Site, load: TalkingLoad, video: string): Promise<Result> {
  const { burst, comments, likes, seconds, viewers } = load;
  const urls = (of: readonly RoleProcess[]): URL[] => of.map(({ url }) => new URL(url));
  const options: Options = {
    ...{ url: urls(site.roles.frontend), postUrl: urls(site.roles.producer) },
    ...{ video, videos: 1, batch: 1, cut: 0, doubles: 0, connectRate: 500, sourceAddresses: 0 },
    ...{ token: site.token, json: true },
    ...{ viewers, rate: likes, comments, burst, seconds },
  };
  return new Run(options).play(new AbortController().signal);
}

/** Notes CPU time and memory by role and server, twice a second. */
class Sampler {
  private readonly samples: Sample[] = [];
  private pids: ReadonlyMap<string, readonly number[]> = new Map();
  private sampling: Promise<void> | undefined;
  private isEnding = false;

  constructor(private readonly site: Site) {}

  async start(): Promise<void> {
    const pids = new Map<string, number[]>();
    for (const [role, all] of Object.entries(this.site.roles)) {
      pids.set(
        `${role}s`,
        all.flatMap(({ pid }) => pid ?? []),
      );
    }
    for (const { running = '', title } of await this.site.stack.status()) {
      pids.set(title, treeOf(Number(/\d+/.exec(running)?.[0])));
    }
    pids.set('load', [process.pid]);
    this.pids = pids;
    this.sampling = this.sample();
  }

  async stop(): Promise<void> {
    this.isEnding = true;
    await this.sampling;
  }

  cores(from: number, to: number): Record<string, number> {
    const within = this.samples.filter(({ at }) => at >= from && at <= to);
    const [first, last] = [within[0], within.at(-1)];
    if (!first || !last || first === last) return {};
    const seconds = (last.at - first.at) / MS_PER_SECOND;
    return this.each((name) => ((last.cpu[name] ?? 0) - (first.cpu[name] ?? 0)) / seconds);
  }

  memory(from: number, to: number): Record<string, Memory> {
    const mib = (of: Sample | undefined, name: string): number => (of?.bytes[name] ?? 0) / MIB;
    const during = this.samples.filter(({ at }) => at >= from && at <= to);
    const before = this.samples.findLast(({ at }) => at < from);
    return this.each((name) => ({
      before: mib(before, name),
      peak: Math.max(...during.map((sample) => mib(sample, name))),
      after: mib(this.samples.at(-1), name),
    }));
  }

  private each<T>(of: (name: string) => T): Record<string, T> {
    return Object.fromEntries([...this.pids.keys()].map((name) => [name, of(name)]));
  }

  private async sample(): Promise<void> {
    while (!this.isEnding) {
      const of = (value: (pids: readonly number[]) => number) =>
        this.each((name) => value(this.pids.get(name) ?? []));
      this.samples.push({ at: Date.now(), cpu: of(cpuSeconds), bytes: of(pssBytes) });
      await sleep(SAMPLE_MS);
    }
  }
}
