import { setTimeout as sleep } from 'node:timers/promises';
import type { Progress } from '../../compose/native/progress';
import { Attackers, type AttackLoad, type Attacks } from './attackers';
import { seat, warmUp } from './compare';
import { CLIENT_CORE, SERVER_CORE } from './cores';
import type { Crew } from './crew';
import { Crowd } from './crowd';
import { exactness } from './exactness';
import { type Window, windowsOf } from './measure';
import { Server } from './server';
import { likestream } from './servers/likestream';

const CONNECT_MS = 60_000;
const FILL_MS = 5_000;

export interface AttackAsked extends AttackLoad {
  readonly seconds: number;
  /** Honest viewers, and likes a second. */
  readonly viewers: number;
  readonly likes: number;
  /** Viewers that never read. */
  readonly neverReading: number;
}

/** The honest viewers before and during an attack. */
export interface Attacked {
  readonly before: Window;
  readonly during: Window;
  readonly after: Window;
  readonly attacks: Attacks;
  /** Viewers that never read and that the server has let go. */
  readonly letGo: number;
  /** The attackers' CPU, in cores. */
  readonly attackerCores: number;
  /** Posts that honest senders got refused. */
  readonly refused: number;
  readonly exact: boolean;
  /** Of the server, bytes. */
  readonly memory: { readonly before: number; readonly during: number; readonly after: number };
}

/** Attacks a server in several ways at once, and looks at the honest viewers. */
export async function attack(
  crew: Crew,
  asked: AttackAsked,
  progress: Progress,
): Promise<Attacked> {
  const { likes, neverReading, seconds, viewers } = asked;
  const server = await Server.start(crew, likestream(), SERVER_CORE);
  const { target } = server;
  try {
    const crowd = new Crowd(crew, { target, viewers, core: CLIENT_CORE });
    await warmUp(crowd, server.kind);
    await seat(crowd, viewers, server.kind);
    crowd.rate(likes);
    progress.now('before the attack');
    await sleep(FILL_MS);
    const window = async (): Promise<Window> => {
      const [one] = await windowsOf({ server, crowd }, 1, seconds);
      if (!one) throw new Error('no window');
      return one;
    };
    const before = await window();
    const memoryBefore = await server.memory();
    progress.now('during the attack');
    const plan = { target, viewers: neverReading, neverRead: true, core: CLIENT_CORE };
    const silent = new Crowd(crew, plan);
    const attackers = new Attackers(crew, target.port, asked);
    await silent.connect(neverReading, CONNECT_MS);
    await sleep(FILL_MS);
    await crowd.read();
    const from = { cpu: attackers.latest.cpu, at: performance.now() };
    const during = await window();
    const attacks = attackers.latest;
    const attackerCores = ((attacks.cpu - from.cpu) * 1_000) / (performance.now() - from.at);
    const memoryDuring = await server.memory();
    const letGo = silent.latest('closed');
    await Promise.all([attackers.end(), silent.end()]);
    progress.now('after the attack');
    await sleep(FILL_MS);
    const after = await window();
    crowd.rate(0);
    const memory = { before: memoryBefore, during: memoryDuring, after: await server.memory() };
    const told = await exactness(crowd, `http://127.0.0.1:${target.port}`, 1);
    const { posted, postsRefused: refused } = await crowd.read();
    const exact = told.exact && told.total === posted;
    await crowd.end();
    return { before, during, after, attacks, letGo, attackerCores, refused, exact, memory };
  } finally {
    await server.end();
  }
}
