import { setTimeout as sleep } from 'node:timers/promises';
import type { Progress } from '../../compose/native/progress';
import type { Crew } from './crew';
import { Crowd } from './crowd';
import { type Exactness, exactness } from './exactness';
import { momentOf, type Window, windowBetween, windowsOf } from './measure';
import { Server } from './server';
import { likestream } from './servers/likestream';

const STAYING = 1_000;
const LIKES_A_SECOND = 100;
/** As fast as the server accepts them. */
const RECONNECT_RATE = 1_000_000;
const CONNECT_MS = 120_000;
const EXACT_MS = 120_000;
const WINDOW_S = 10;
const WARM_UP_MS = 3_000;
const MS_PER_SECOND = 1_000;

/** The result of a storm. */
export interface Stormed {
  readonly viewers: number;
  readonly workers: number;
  readonly staying: number;
  readonly connectsPerSecond: number;
  readonly secondsToExact: number;
  /** Viewers that got a snapshot instead of a resume. */
  readonly snapshots: number;
  readonly failed: number;
  /** Latencies of viewers that stayed connected, before and during it. */
  readonly before: Window;
  readonly during: Window;
  readonly exact: Exactness;
}

/** All viewers but a few lose their connection at once and resume with their ids. */
export async function storm(
  crew: Crew,
  { viewers, workers }: { readonly viewers: number; readonly workers: number },
  progress: Progress,
): Promise<Stormed> {
  const server = await Server.start(crew, likestream({ workers }));
  try {
    const { target } = server;
    const stayed = new Crowd(crew, { target, viewers: STAYING });
    const cut = new Crowd(crew, { target, viewers, firstViewer: STAYING, resume: true });
    progress.now(`connecting ${viewers} viewers and ${STAYING} that stay`);
    await stayed.connect(STAYING, CONNECT_MS);
    await cut.connect(viewers, CONNECT_MS);
    stayed.rate(LIKES_A_SECOND);
    await sleep(WARM_UP_MS);
    const bout = { server, crowd: stayed };
    const [before] = await windowsOf(bout, 1, WINDOW_S);
    progress.now('the storm');
    const from = await momentOf(bout);
    const all = await cut.storm(RECONNECT_RATE, EXACT_MS);
    const during = windowBetween(from, await momentOf(bout));
    stayed.rate(0);
    const exact = await exactness(cut, `http://127.0.0.1:${target.port}`, 1);
    const { failed, snapshotsAfterResume } = await cut.read();
    if (!before) throw new Error('no window');
    const connectedMs = Math.max(...all.map(({ connectedMs }) => connectedMs));
    return {
      viewers,
      workers,
      staying: STAYING,
      connectsPerSecond: (viewers * MS_PER_SECOND) / connectedMs,
      secondsToExact: Math.max(...all.map(({ exactMs }) => exactMs)) / MS_PER_SECOND,
      snapshots: snapshotsAfterResume,
      failed,
      before,
      during,
      exact,
    };
  } finally {
    await server.end();
  }
}
