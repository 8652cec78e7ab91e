import { setTimeout as sleep } from 'node:timers/promises';
import type { Progress } from '../../compose/native/progress';
import { CLIENT_CORE, SERVER_CORE } from './cores';
import type { Crew } from './crew';
import { Crowd } from './crowd';
import { type Window, windowsOf } from './measure';
import { Server } from './server';
import { likestream } from './servers/likestream';
import { type Target, VIDEO } from './target';

const SMALL_VIEWERS = 10;
const SMALL_LIKES_A_SECOND = 5;
const HUGE_LIKES_A_SECOND = 100;
const CONNECT_MS = 60_000;
const WARM_UP_MS = 10_000;

/** A small room on a worker, without and with a huge one. */
export interface Rooms {
  readonly smallViewers: number;
  readonly hugeViewers: number;
  /** Figures of the small room. */
  readonly alone: Window;
  readonly beside: Window;
  /** Figures of the huge room at the same time. */
  readonly huge: Window;
}

/** Measures the latency of a small room while a huge one on the same worker is flushed. */
export async function rooms(
  crew: Crew,
  { seconds, viewers }: { readonly seconds: number; readonly viewers: number },
  progress: Progress,
): Promise<Rooms> {
  const server = await Server.start(crew, likestream(), SERVER_CORE);
  const target = named(server.target, `${VIDEO}-small`);
  const small = new Crowd(crew, { target, viewers: SMALL_VIEWERS, core: CLIENT_CORE });
  const huge = new Crowd(crew, { target: server.target, viewers, core: CLIENT_CORE });
  const measure = async (): Promise<[Window, Window]> => {
    await sleep(WARM_UP_MS);
    const both = [small, huge].map((crowd) => windowsOf({ server, crowd }, 1, seconds));
    const [[ofSmall], [ofHuge]] = (await Promise.all(both)) as [Window[], Window[]];
    if (!ofSmall || !ofHuge) throw new Error('no window');
    return [ofSmall, ofHuge];
  };
  try {
    await small.connect(SMALL_VIEWERS, CONNECT_MS);
    small.rate(SMALL_LIKES_A_SECOND);
    progress.now(`${SMALL_VIEWERS} viewers without the huge room`);
    const [alone] = await measure();
    await huge.connect(viewers, CONNECT_MS);
    huge.rate(HUGE_LIKES_A_SECOND);
    progress.now(`${SMALL_VIEWERS} viewers beside ${viewers}`);
    const [beside, ofHuge] = await measure();
    return { smallViewers: SMALL_VIEWERS, hugeViewers: viewers, alone, beside, huge: ofHuge };
  } finally {
    await Promise.all([small.end(), huge.end()]);
    await server.end();
  }
}

function named({ path, post, ...target }: Target, video: string): Target {
  const of = (text: string): string => text.replace(VIDEO, video);
  return { ...target, path: of(path), post: { ...post, path: of(post.path) } };
}
