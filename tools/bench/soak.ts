import { setTimeout as sleep } from 'node:timers/promises';
import type { Progress } from '../../compose/native/progress';
import type { Crew } from './crew';
import { Crowd } from './crowd';
import { type Exactness, exactness } from './exactness';
import { type Window, windowsOf } from './measure';
import { Server } from './server';
import { likestream } from './servers/likestream';

const SAMPLE_S = 30;
const CONNECT_MS = 180_000;
/** Idle keep-alive connections between processes are closed within 75 s. */
const AFTER_MS = 90_000;
const VIDEOS = 20;
const LIKES_A_SECOND = 100;

/** One sample. */
export interface Sample {
  /** Since likes began, s. */
  readonly at: number;
  readonly window: Window;
  /** Memory of all processes after a garbage collection, bytes. */
  readonly memory: number;
  /** The part of it in pages of files, with that of all likes, bytes. */
  readonly mapped: number;
  readonly descriptors: number;
}

export interface Soaked {
  readonly viewers: number;
  readonly workers: number;
  readonly samples: readonly Sample[];
  /** Before the first viewer, and after the last one. */
  readonly descriptorsBefore: number;
  readonly descriptorsAfter: number;
  readonly exact: Exactness;
}

/** Runs for hours at half of the capacity. */
export async function soak(
  crew: Crew,
  load: { readonly viewers: number; readonly workers: number; readonly seconds: number },
  progress: Progress,
): Promise<Soaked> {
  const { seconds, viewers, workers } = load;
  const server = await Server.start(crew, likestream({ workers }));
  try {
    const descriptorsBefore = server.descriptors();
    const crowd = new Crowd(crew, { target: server.target, viewers, videos: VIDEOS });
    await crowd.connect(viewers, CONNECT_MS, (open) => progress.now(`${open} of ${viewers}`));
    crowd.rate(LIKES_A_SECOND);
    const samples: Sample[] = [];
    const began = performance.now();
    while (performance.now() - began < seconds * 1_000) {
      const [window] = await windowsOf({ server, crowd }, 1, Math.min(SAMPLE_S, seconds));
      if (!window) break;
      const memory = await server.memory();
      const at = (performance.now() - began) / 1_000;
      const [mapped, descriptors] = [server.mapped(), server.descriptors()];
      samples.push({ at, window, memory, mapped, descriptors });
      progress.done(`${at.toFixed(0)} s: ${megabytes(memory)}, p99 ${window.p99Ms.toFixed(0)} ms`);
    }
    crowd.rate(0);
    const exact = await exactness(crowd, `http://127.0.0.1:${server.target.port}`, VIDEOS);
    await crowd.end();
    await sleep(AFTER_MS);
    const descriptorsAfter = server.descriptors();
    return { viewers, workers, samples, descriptorsBefore, descriptorsAfter, exact };
  } finally {
    await server.end();
  }
}

function megabytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(0)} MB`;
}
