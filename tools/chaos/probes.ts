import { setMaxListeners } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { videosOfAllPartitions } from '../../test/stack/partition-videos';
import { Api } from '../load/api';
import { endpointOf } from '../load/endpoint';
import { areSameReactions } from '../load/messages';
import { Sender } from '../load/sender';
import { Tally } from '../load/tally';
import { Viewer } from '../load/viewer';
import { countsOf, newLike, type Rows } from './side-load';

const LOOK_MS = 10;
const SEATING_MS = 10_000;
const AT_REST_MS = 10_000;
const REFUSED_PAUSE_MS = 200;

/** The targets of probes. */
export interface Probed {
  readonly token: string;
  /** The frontends; each has one viewer. */
  readonly frontends: readonly string[];
  /** The producers. */
  readonly producers: readonly string[];
  /** The reaction of each of a video's rows, by its id. */
  readonly rows: (video: string) => Promise<Rows>;
}

/** A partition's video that is liked repeatedly, and its viewers. */
interface Probe {
  readonly video: string;
  readonly viewers: readonly Viewer[];
  /** Likes that were answered. */
  taken: number;
  /** Likes that were posted, each with its own id. */
  sent: number;
}

/** Likes on every partition, with a viewer at each frontend. */
export class Probes {
  private readonly tally = new Tally();
  private readonly apis: readonly Api[];
  private readonly probes: readonly Probe[];

  constructor(private readonly probed: Probed) {
    const { frontends, producers, token } = probed;
    const endpoints = frontends.map((url) => endpointOf(new URL(url)));
    this.apis = producers.map((url) => new Api(new URL(url), token));
    this.probes = videosOfAllPartitions().map((video) => {
      const viewers = endpoints.map((_, at) => {
        const setting = { endpoints, token, tally: this.tally, returnsWhenRefused: true };
        return new Viewer(at, video, undefined, setting);
      });
      return { video, viewers, taken: 0, sent: 0 };
    });
  }

  /** Opens the viewers; rejects if one gets no total. */
  async open(): Promise<void> {
    const viewers = this.probes.flatMap((probe) => probe.viewers);
    for (const viewer of viewers) viewer.open();
    if (!(await until(() => viewers.every(({ total }) => total === 0), SEATING_MS))) {
      throw new Error('a probe got no total');
    }
  }

  /** Likes each video once; resolves with whether all viewers had the like within `ms`. */
  async round(ms: number): Promise<boolean> {
    const signal = AbortSignal.timeout(ms);
    // Each like and each of its waits adds one listener.
    setMaxListeners(0, signal);
    const sender = new Sender(this.apis, this.tally, signal);
    const likes = this.probes.map(async (probe, at) => {
      probe.sent += 1;
      if (!(await take(sender, at, probe.video, signal))) return false;
      probe.taken += 1;
      return until(() => probe.viewers.every(({ total }) => total >= probe.taken), ms);
    });
    return (await Promise.all(likes)).every((isSeen) => isSeen);
  }

  /** Events that broke the protocol so far. */
  get brokenEvents(): number {
    return this.tally.brokenEvents;
  }

  /** Totals that stepped back; they are among the broken events. */
  get stepsBack(): number {
    return this.tally.stepsBack;
  }

  /** By how much totals exceed the posted likes: these were counted twice. */
  get excess(): number {
    const beyond = this.probes.map(({ sent, viewers }) =>
      Math.max(0, ...viewers.map(({ total }) => total - sent)),
    );
    return beyond.reduce((sum, each) => sum + each, 0);
  }

  /** Violations at rest: events that did not add up, totals that differ from the rows. */
  async broken(): Promise<string[]> {
    const wrong = [...this.tally.examples];
    for (const { video, viewers } of this.probes) {
      const rows = await this.probed.rows(video).catch((error: unknown) => String(error));
      if (typeof rows === 'string') {
        wrong.push(rows);
        continue;
      }
      const right = countsOf(rows);
      const isExact = () =>
        viewers.every(
          ({ reactions, total }) =>
            total === right.total && areSameReactions(reactions, right.reactions),
        );
      if (await until(isExact, AT_REST_MS)) continue;
      const totals = viewers.map(({ reactions, total }) => JSON.stringify({ total, reactions }));
      wrong.push(`${video}: rows ${JSON.stringify(right)}, viewers ${totals.join(', ')}`);
    }
    return wrong;
  }

  async close(): Promise<void> {
    for (const { viewers } of this.probes) for (const viewer of viewers) viewer.close();
    await Promise.all(this.apis.map((api) => api.close()));
  }
}

/** Posts one like until it is accepted; a role with a wrong clock may refuse its token. */
async function take(
  sender: Sender,
  firstEndpoint: number,
  video: string,
  signal: AbortSignal,
): Promise<boolean> {
  const like = newLike();
  for (let endpoint = firstEndpoint; !signal.aborted; endpoint += 1) {
    if ((await sender.send(endpoint, video, [like])) === 'taken') return true;
    await pause(REFUSED_PAUSE_MS);
  }
  return false;
}

async function until(check: () => boolean, ms: number): Promise<boolean> {
  const giveUpAt = performance.now() + ms;
  while (!check()) {
    if (performance.now() > giveUpAt) return false;
    await pause(LOOK_MS);
  }
  return true;
}
