import { setTimeout as sleep } from 'node:timers/promises';
import { JWT_SECRET, SERVICE_SECRET } from '../../../test/stack/keys';
import { RoleProcess } from '../../../test/stack/role-process';
import { Site } from '../../../test/stack/site';
import { useAllCores } from '../cores';
import { cpuSeconds } from '../proc';
import type { Measuring } from './asked';
import type { BacklogAsked } from './backlog-program';
import { ChildProgram } from './child-program';
import type { Line } from './line';

const VIDEOS = 1_000;
const FRONTENDS = 20;
/** More likes than a dispatcher counts in the time of all windows. */
const LIKES_A_SECOND = 60_000;
const WARM_UP_S = 10;
const START_MS = 60_000;
const POLL_MS = 100;
const MS_PER_SECOND = 1_000;
const SECRETS = { JWT_SECRET, SERVICE_SECRET };
const FOLDED = /^likestream_entries_folded_total\{type="likes"\} (\d+)/m;

const INCLUDED =
  'a backlog in Kafka; with the clients of Kafka, Cassandra and Redis, and with HTTP to ' +
  'frontends; no id is forgotten in this time';

/** One dispatcher process on real servers, which finds a full log when it starts. */
export async function backlog(measuring: Measuring): Promise<Line[]> {
  const { asked, crew, progress } = measuring;
  useAllCores();
  const site = new Site({ fullSpeed: true });
  const end = crew.adopt(() => site.end());
  try {
    progress.now('backlog: starting Kafka, Cassandra and Redis');
    await site.startServers();
    const env = { ...site.serverSettings, ...SECRETS };
    // Its first start creates the topics and tables.
    await (await RoleProcess.start('dispatcher', env)).end('SIGTERM');
    const program = await ChildProgram.start(crew, 'backlog-program', env);
    const likes = LIKES_A_SECOND * (WARM_UP_S + asked.turns * asked.seconds);
    progress.now(`backlog: appending ${likes} likes`);
    const filled: BacklogAsked = { likes, videos: VIDEOS, frontends: FRONTENDS };
    await program.ask(filled);
    const dispatcher = await RoleProcess.start('dispatcher', env);
    const endOne = crew.adopt(() => dispatcher.end('SIGTERM'));
    try {
      return await measure(measuring, dispatcher, likes);
    } finally {
      await endOne();
      await program.end();
    }
  } finally {
    await end();
  }
}

async function measure({ asked, progress }: Measuring, dispatcher: RoleProcess, likes: number) {
  const giveUpAt = performance.now() + START_MS;
  while ((await foldedOf(dispatcher)) === 0 && performance.now() < giveUpAt) await sleep(POLL_MS);
  await sleep(WARM_UP_S * MS_PER_SECOND);
  const [aCore, aSecond]: [number[], number[]] = [[], []];
  for (let turn = 0; turn < asked.turns; turn++) {
    progress.now(`backlog, turn ${turn + 1}`);
    const from = await momentOf(dispatcher);
    await sleep(asked.seconds * MS_PER_SECOND);
    const to = await momentOf(dispatcher);
    if (to.folded === likes) throw new Error('the backlog was too short');
    aCore.push((to.folded - from.folded) / (to.cpu - from.cpu));
    aSecond.push(((to.folded - from.folded) * MS_PER_SECOND) / (to.at - from.at));
  }
  const common = { row: 'backlog', beside: [] };
  const line: Line = {
    ...{ ...common, what: 'a dispatcher process counted', unit: 'likes/s of a core' },
    ...{ values: aCore, note: INCLUDED },
  };
  return [line, { ...common, what: 'the same by the clock', unit: 'likes/s', values: aSecond }];
}

async function momentOf(dispatcher: RoleProcess) {
  const folded = await foldedOf(dispatcher);
  return { folded, cpu: cpuSeconds([dispatcher.pid ?? 0]), at: performance.now() };
}

async function foldedOf({ adminUrl }: RoleProcess): Promise<number> {
  const text = await (await fetch(`${adminUrl}/metrics`)).text();
  return Number(FOLDED.exec(text)?.[1] ?? 0);
}
