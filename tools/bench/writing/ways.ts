import { setTimeout as sleep } from 'node:timers/promises';
import { Crowd } from '../crowd';
import { momentOf, type Window, windowBetween } from '../measure';
import type { Server } from '../server';
import { likesPost } from '../servers/likestream';
import { VIDEO } from '../target';
import type { Measuring } from './asked';
import type { Aim, Line } from './line';
import { type Posts, postsBetween } from './posts';

const VIEWERS = 1_000;
const LIKES_A_SECOND = 100;
const CONNECT_MS = 60_000;
const WARM_UP_MS = 3_000;
const SETTLE_MS = 1_000;
const MS_PER_SECOND = 1_000;

/** The figures of a way that have an aim. */
export type WayAims = Readonly<Partial<Record<'p50' | 'p90' | 'post' | 'frames', Aim>>>;

/** Where likes are posted and streams are opened. */
export interface WayOptions {
  readonly title: string;
  readonly postPort: number;
  /** Viewers are spread over these. */
  readonly streamPorts: readonly number[];
  readonly headers: readonly string[];
  readonly aims: WayAims;
}

interface WayTurn {
  readonly window: Window;
  readonly posts: Posts;
}

/** One way from a like to viewers; its viewers watch a video of their own. */
export class Way {
  private readonly viewers: Crowd;
  private readonly poster: Crowd;
  private readonly turns: WayTurn[] = [];

  constructor(
    { crew }: Measuring,
    private readonly options: WayOptions,
  ) {
    const { headers, postPort, streamPorts } = options;
    const of = (path: string): string => path.replace(VIDEO, `${VIDEO}-${postPort}`);
    const likes = likesPost(postPort);
    const posts = { path: of(likes.path), headers: [...headers, ...(likes.headers ?? [])] };
    const plans = streamPorts.map((port) => {
      const path = of(`/stream?channel=video:${VIDEO}`);
      const target = { port, path, headers, post: { ...likes, ...posts } };
      return { target, viewers: VIEWERS / streamPorts.length };
    });
    const [first, ...others] = plans;
    if (!first) throw new Error('no port for streams');
    this.viewers = new Crowd(crew, first, ...others);
    // Posts have a process of their own, so that an answer does not wait behind frames.
    this.poster = new Crowd(crew, { ...first, viewers: 0 });
  }

  get title(): string {
    return this.options.title;
  }

  /** Opens all streams, and posts for some time; rejects if not all streams open. */
  async prepare(warmUpMs: number): Promise<void> {
    const open = await this.viewers.connect(VIEWERS, CONNECT_MS);
    if (open < VIEWERS) throw new Error(`${this.title}: ${open} of ${VIEWERS} viewers`);
    this.poster.rate(LIKES_A_SECOND);
    await sleep(warmUpMs);
    this.poster.rate(0);
  }

  /** Measures one window; `server` has the processes whose CPU is counted. */
  async measure(server: Pick<Server, 'cpu'>, seconds: number): Promise<void> {
    this.poster.rate(LIKES_A_SECOND);
    await sleep(WARM_UP_MS);
    const [seen, posted] = await this.moments(server);
    await sleep(seconds * MS_PER_SECOND);
    const [seenAfter, postedAfter] = await this.moments(server);
    this.poster.rate(0);
    await sleep(SETTLE_MS);
    const window = windowBetween(seen, seenAfter);
    this.turns.push({ window, posts: postsBetween(posted, postedAfter) });
  }

  lines(row: string): Line[] {
    const { aims, title } = this.options;
    const line = (what: string, unit: string, of: (turn: WayTurn) => number, aim?: Aim): Line => ({
      ...{ row, what: `${title}: ${what}`, unit, values: this.turns.map(of), beside: [] },
      ...(aim && { aim }),
    });
    return [
      line('like → viewer p50', 'ms', ({ window }) => window.p50Ms, aims.p50),
      line('like → viewer p90', 'ms', ({ window }) => window.p90Ms, aims.p90),
      line('POST p50', 'ms', ({ posts }) => posts.p50Ms, aims.post),
      line('frames', 'a second', ({ window }) => window.framesPerSecond / VIEWERS, aims.frames),
      line('CPU of likestream', 'cores', ({ window }) => window.cores),
    ];
  }

  async end(): Promise<void> {
    await Promise.all([this.viewers.end(), this.poster.end()]);
  }

  private moments(server: Pick<Server, 'cpu'>) {
    return Promise.all([
      momentOf({ server, crowd: this.viewers }),
      momentOf({ server, crowd: this.poster }),
    ]);
  }
}
