import { setMaxListeners } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { v7 } from 'uuid';
import { DEFAULT_REACTIONS } from '../../schemas/likes';
import { Api, type Counts, type Like } from '../load/api';
import { endpointOf } from '../load/endpoint';
import { areSameReactions, type Reactions } from '../load/messages';
import { Sender } from '../load/sender';
import { Tally } from '../load/tally';
import { Viewer } from '../load/viewer';
import type { ChaosSite } from './chaos-site';

const MAX_POSTS_IN_FLIGHT = 1_000;
const TICK_MS = 10;
const COPY_AFTER_MS = 1_000;
const AT_REST_MS = 30_000;
const LOOK_MS = 500;
const MS_PER_SECOND = 1_000;

/** The rate, batch size and retries of a side load. */
export interface SideLoadOptions {
  /** Likes a second. */
  readonly rate: number;
  /** Likes in one POST. */
  readonly batch: number;
  /** The time after which a client posts the same ids to the other producer. */
  readonly answerTimeoutMs: number;
  /** Share of POSTs that also go to the other producer: half of them immediately, half later. */
  readonly copies: number;
  /** Whether a copy has another reaction than the first POST. */
  readonly copiesDiffer?: boolean;
}

/** A video's rows in the store: the reaction of each, by its id. */
export type Rows = ReadonlyMap<string, string>;

/** The clients' results for their likes, and the site's counts. */
export interface Compared {
  readonly video: string;
  readonly answered: ReadonlySet<string>;
  /** Likes without an answer, which may be counted or not. */
  readonly unsure: ReadonlySet<string>;
  readonly rows: Rows;
  /** The answer of each producer. */
  readonly gets: readonly Counts[];
  readonly viewers: readonly { readonly total: number; readonly reactions: Reactions }[];
  /** Whether reactions are compared, too; they are if not given. */
  readonly comparesReactions?: boolean | undefined;
}

/** Load on its own video, next to the run's load, for the time of one fault. */
export class SideLoad {
  readonly video = `side-${v7()}`;
  private readonly tally = new Tally();
  private readonly apis: readonly Api[];
  private readonly viewers: readonly Viewer[];
  private readonly over = new AbortController();
  private readonly sender: Sender;
  private readonly answered = new Set<string>();
  private readonly unsure = new Set<string>();
  private readonly posts = new Set<Promise<void>>();
  private timer: NodeJS.Timeout | undefined;
  private turn = 0;
  private begun = 0;

  constructor(
    private readonly site: ChaosSite,
    private readonly options: SideLoadOptions,
  ) {
    const { mayStepBack, roles, token } = site;
    const { tally } = this;
    const endpoints = roles.frontend.map(({ url }) => endpointOf(new URL(url)));
    const setting = { endpoints, token, tally, mayStepBack, returnsWhenRefused: true };
    this.apis = roles.producer.map(
      ({ url }) => new Api(new URL(url), token, options.answerTimeoutMs),
    );
    // Each wait of each POST adds one listener.
    setMaxListeners(0, this.over.signal);
    this.sender = new Sender(this.apis, tally, this.over.signal);
    this.viewers = endpoints.map((_, at) => new Viewer(at, this.video, undefined, setting));
  }

  /** Starts posting. */
  start(): void {
    for (const viewer of this.viewers) viewer.open();
    this.begun = performance.now();
    this.timer = setInterval(() => this.postDue(), TICK_MS);
  }

  /** Stops posting; resolves when every POST is answered or abandoned. */
  async stop(): Promise<void> {
    clearInterval(this.timer);
    await Promise.all(this.posts);
  }

  /** The number of likes answered 2xx, and of likes without an answer. */
  get counts(): { readonly answered: number; readonly unsure: number } {
    return { answered: this.answered.size, unsure: this.unsure.size };
  }

  /** The differences at rest; waits until there are none, or until the time limit. */
  async wrong(): Promise<string[]> {
    const giveUpAt = performance.now() + AT_REST_MS;
    for (;;) {
      const wrong = await this.compare();
      if (wrong.length === 0 || performance.now() > giveUpAt) {
        return [...wrong, ...this.tally.examples];
      }
      await pause(LOOK_MS);
    }
  }

  /** Abandons open requests, and closes all connections. */
  async close(): Promise<void> {
    clearInterval(this.timer);
    this.over.abort();
    for (const viewer of this.viewers) viewer.close();
    await Promise.all(this.apis.map((api) => api.close()));
  }

  private async compare(): Promise<string[]> {
    const { answered, unsure, video, viewers } = this;
    try {
      const rows = await this.site.reactions(video);
      const gets = await Promise.all(this.apis.map((api) => api.counts(video)));
      const { comparesReactions } = this.site;
      return differences({ video, answered, unsure, rows, gets, viewers, comparesReactions });
    } catch (error) {
      return [`${video}: ${error instanceof Error ? error.message : String(error)}`];
    }
  }

  private postDue(): void {
    const { batch, rate } = this.options;
    const seconds = (performance.now() - this.begun) / MS_PER_SECOND;
    const due = Math.floor((seconds * rate) / batch);
    while (this.turn < due && this.posts.size < MAX_POSTS_IN_FLIGHT) this.postNext();
  }

  private postNext(): void {
    const likes = Array.from({ length: this.options.batch }, newLike);
    const posting = this.post(this.turn++, likes).finally(() => this.posts.delete(posting));
    this.posts.add(posting);
  }

  private async post(turn: number, likes: readonly Like[]): Promise<void> {
    const sending = [this.sender.send(turn, this.video, likes)];
    if (Math.random() < this.options.copies) sending.push(this.copy(turn + 1, likes));
    const outcomes = await Promise.all(sending);
    const isTaken = outcomes.includes('taken');
    if (!isTaken && !outcomes.includes('unknown')) return;
    const ids = isTaken ? this.answered : this.unsure;
    for (const { likeId } of likes) ids.add(likeId);
  }

  private async copy(turn: number, likes: readonly Like[]) {
    if (Math.random() < 0.5) await pause(COPY_AFTER_MS);
    const copies = this.options.copiesDiffer ? likes.map(withAnotherReaction) : likes;
    return this.sender.send(turn, this.video, copies);
  }
}

/** The differences between clients, rows, GET and viewers. */
export function differences(compared: Compared): string[] {
  const { answered, comparesReactions = true, gets, rows, unsure, video, viewers } = compared;
  const wrong: string[] = [];
  const missing = [...answered].filter((id) => !rows.has(id)).length;
  const foreign = [...rows.keys()].filter((id) => !answered.has(id) && !unsure.has(id)).length;
  if (missing > 0) wrong.push(`${missing} of ${answered.size} answered likes have no row`);
  if (foreign > 0) wrong.push(`${foreign} rows of likes that were refused`);
  const right = countsOf(rows);
  const name = `${rows.size} rows (${answered.size} answered, ${unsure.size} without an answer)`;
  for (const [who, counts] of [...named('GET', gets), ...named('viewer', viewers)]) {
    if (counts.total !== right.total) wrong.push(`${name}, ${who} has ${counts.total}`);
    else if (comparesReactions && !areSameReactions(counts.reactions, right.reactions)) {
      const [theirs, ours] = [counts.reactions, right.reactions].map((it) => JSON.stringify(it));
      wrong.push(`rows have ${ours}, ${who} has ${theirs}`);
    }
  }
  return wrong.map((what) => `${video}: ${what}`);
}

/** The total of rows and the count of each reaction. */
export function countsOf(rows: Rows): Counts {
  const reactions: Record<string, number> = {};
  for (const reaction of rows.values()) reactions[reaction] = (reactions[reaction] ?? 0) + 1;
  return { total: rows.size, reactions };
}

/** A like with a new id and one of the reactions. */
export function newLike(): Like {
  const reaction = DEFAULT_REACTIONS[Math.floor(Math.random() * DEFAULT_REACTIONS.length)];
  return { likeId: v7(), reaction: reaction ?? 'like' };
}

function withAnotherReaction({ likeId, reaction }: Like): Like {
  const others = DEFAULT_REACTIONS.filter((other) => other !== reaction);
  return { likeId, reaction: others[Math.floor(Math.random() * others.length)] ?? reaction };
}

function named(what: string, all: readonly Counts[]): [string, Counts][] {
  return all.map((counts, at) => [`${what} ${at}`, counts]);
}
