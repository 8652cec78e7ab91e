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
/** Each viewer is sent events for so long, and rests for so long, before memory is measured. */
const REACHED_MS = 10_000;
/** Viewers opened before the measurement: the server loads its code for the first ones. */
const FIRST_VIEWERS = 200;
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
    const used = async (count: number) => {
      const open = await crowd.connect(count, CONNECT_MS);
      if (open < count) throw new Error(`${open} of ${count} viewers are open`);
      for (const each of [crowd, talkers]) each.rate(A_SECOND);
      await sleep(REACHED_MS);
      for (const each of [crowd, talkers]) each.rate(0);
      await sleep(REACHED_MS);
      const { objects, queued } = kernelBytes();
      return { process: await server.memory(), kernel: objects + queued };
    };
    const before = await used(FIRST_VIEWERS);
    const after = await used(viewers);
    const more = viewers - FIRST_VIEWERS;
    return {
      viewers,
      process: (after.process - before.process) / more,
      kernel: (after.kernel - before.kernel) / more,
    };
  } finally {
    await Promise.all([crowd.end(), talkers.end()]);
    await server.end();
  }
}
