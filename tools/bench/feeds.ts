import { setTimeout as sleep } from 'node:timers/promises';
import type { Progress } from '../../compose/native/progress';
import { SERVER_CORE } from './cores';
import type { Crew } from './crew';
import { Crowd } from './crowd';
import { kernelBytes } from './proc';
import { Server } from './server';
import { commentsPost, likestream } from './servers/likestream';
import { VIDEO } from './target';

const CONNECT_MS = 240_000;
/** Each viewer is sent events for so long before its memory is measured. */
const REACHED_MS = 20_000;
const A_SECOND = 2;

const VIDEO_CHANNEL = `channel=video:${VIDEO}`;

/** What viewers ask for. */
const WAYS = [
  { name: 'likes', query: `${VIDEO_CHANNEL}&events=likes` },
  { name: 'all feeds of a video', query: VIDEO_CHANNEL },
  {
    name: 'all feeds of a video, a conversation and a member',
    query: `${VIDEO_CHANNEL}&channel=conversation:${VIDEO}&channel=member:${VIDEO}`,
  },
];

/** Memory for each viewer of what it asks for, bytes. */
export interface FeedsMemory {
  readonly name: string;
  readonly viewers: number;
  /** Of the server's processes. */
  readonly process: number;
  /** Of the kernel, for both ends of a connection. */
  readonly kernel: number;
}

/** Measures the memory of viewers by what they ask for, each in a new server. */
export async function feedsMemory(
  crew: Crew,
  viewers: number,
  progress: Progress,
): Promise<FeedsMemory[]> {
  const all: FeedsMemory[] = [];
  for (const { name, query } of WAYS) {
    progress.now(`${viewers} viewers: ${name}`);
    const one = await memoryOf(crew, viewers, query);
    all.push({ name, ...one });
    progress.done(`${name}: ${(one.process / 1_024).toFixed(2)} KiB a viewer`);
  }
  return all;
}

async function memoryOf(
  crew: Crew,
  viewers: number,
  query: string,
): Promise<Omit<FeedsMemory, 'name'>> {
  const server = await Server.start(crew, likestream(), SERVER_CORE);
  const target = { ...server.target, path: `/stream?${query}` };
  const talk = { ...target, post: commentsPost(target.port) };
  const crowd = new Crowd(crew, { target, viewers });
  const talkers = new Crowd(crew, { target: talk, viewers: 0 });
  try {
    const before = { process: await server.memory(), kernel: kernelBytes() };
    const open = await crowd.connect(viewers, CONNECT_MS);
    if (open < viewers) throw new Error(`${open} of ${viewers} viewers are open`);
    crowd.rate(A_SECOND);
    talkers.rate(A_SECOND);
    await sleep(REACHED_MS);
    crowd.rate(0);
    talkers.rate(0);
    await sleep(REACHED_MS);
    const process = (await server.memory()) - before.process;
    const { objects, queued } = kernelBytes();
    const kernel = objects + queued - before.kernel.objects - before.kernel.queued;
    return { viewers, process: process / viewers, kernel: kernel / viewers };
  } finally {
    await Promise.all([crowd.end(), talkers.end()]);
    await server.end();
  }
}
