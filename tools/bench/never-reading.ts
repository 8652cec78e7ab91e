import { setTimeout as sleep } from 'node:timers/promises';
import type { Progress } from '../../compose/native/progress';
import { CLIENT_CORE, SERVER_CORE } from './cores';
import type { Crew } from './crew';
import { Crowd } from './crowd';
import { type Window, windowsOf } from './measure';
import { kernelBytes } from './proc';
import { type Kind, Server } from './server';

const LIKES_A_SECOND = 1_000;
const CONNECT_MS = 30_000;
const WARM_UP_MS = 2_000;
const MS_PER_SECOND = 1_000;

/** The viewers. */
export interface Mix {
  readonly good: number;
  /** Viewers that never read. */
  readonly bad: number;
  /** Likes before the measurement, because the kernel's buffers hold the first MB. */
  readonly fillSeconds: number;
  readonly seconds: number;
}

/** The effect of viewers that never read on a server and on its good viewers. */
export interface NeverReading {
  readonly server: string;
  readonly title: string;
  readonly good: number;
  readonly neverReading: number;
  /** Figures of the good viewers, without the others and beside them. */
  readonly without: Window;
  readonly beside: Window;
  /** Additional memory for each of them, bytes: of the server and of the kernel's queues. */
  readonly processEach: number;
  readonly kernelEach: number;
  /** How many of them the server has closed at the end. */
  readonly letGo: number;
}

interface Seen {
  readonly window: Window;
  readonly process: number;
  readonly kernel: number;
  readonly letGo: number;
}

/** A thousand likes a second to good viewers, without and with viewers that never read. */
export async function neverReading(
  crew: Crew,
  kind: Kind,
  mix: Mix,
  progress: Progress,
): Promise<NeverReading> {
  const { bad, good } = mix;
  progress.now(`${kind.title}: ${good} good viewers without others`);
  const without = await run(crew, kind, {
    ...mix,
    bad: 0,
    ...(kind.remembers ? {} : { fillSeconds: 0 }),
  });
  progress.now(`${kind.title}: ${good} good viewers beside ${bad} that never read`);
  const beside = await run(crew, kind, mix);
  progress.done(`${kind.title}: viewers that never read`);
  return {
    server: kind.name,
    title: kind.title,
    good,
    neverReading: bad,
    without: without.window,
    beside: beside.window,
    processEach: (beside.process - without.process) / bad,
    kernelEach: (beside.kernel - without.kernel) / bad,
    letGo: beside.letGo,
  };
}

async function run(crew: Crew, kind: Kind, mix: Mix): Promise<Seen> {
  const { bad, fillSeconds, good, seconds } = mix;
  const server = await Server.start(crew, kind, SERVER_CORE);
  try {
    const before = kernelBytes().queued;
    const { target } = server;
    const crowd = new Crowd(crew, { target, viewers: good, core: CLIENT_CORE });
    await crowd.connect(good, CONNECT_MS);
    const plan = { target, viewers: bad, neverRead: true, core: CLIENT_CORE };
    const others = bad > 0 ? new Crowd(crew, plan) : undefined;
    await others?.connect(bad, CONNECT_MS);
    crowd.rate(LIKES_A_SECOND / (target.post.likes ?? 1));
    await sleep(WARM_UP_MS + fillSeconds * MS_PER_SECOND);
    const [window] = await windowsOf({ server, crowd }, 1, seconds);
    if (!window) throw new Error('no window');
    const kernel = kernelBytes().queued - before;
    const letGo = others?.latest('closed') ?? 0;
    const process = await server.memory();
    await Promise.all([crowd.end(), others?.end()]);
    return { window, process, kernel, letGo };
  } finally {
    await server.end();
  }
}
