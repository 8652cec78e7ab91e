import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { Command } from 'commander';
import { v7 } from 'uuid';
import { openCassandra } from '../../adapters/cassandra/client';
import { DrainRecords } from '../../adapters/cassandra/drain-records';
import { CassandraRowStore } from '../../adapters/cassandra/row-store';
import { LimitedSession } from '../../adapters/cassandra/session';
import { setUpTables } from '../../adapters/cassandra/set-up-tables';
import { ROOT } from '../../compose/native/folders';
import { systemClock } from '../../runtime/clock';
import { readSettings } from '../../runtime/settings/settings';
import { likesOf } from '../../schemas/likes';
import { Names } from '../../schemas/names';
import { originOf } from '../../schemas/origins';
import { PARTITIONS } from '../../schemas/partitions';
import { whole } from '../whole';

/** A new datacenter in each run, so that no other log is recounted. */
const DATACENTER = `bench${Date.now().toString(36)}`;
const ORIGIN = originOf(DATACENTER, 1);
const LIKES_PER_INSERT = 1_000;
const INSERTS_AT_ONCE = 3;
const MS_PER_SECOND = 1_000;

const HELP = `
Measures \`npm run recount\` on the servers of the settings (npm run stack). It inserts rows of a
fictitious datacenter whose log is recorded as drained, recounts them without saved states, and
recounts them again. The rows stay in the store, so use servers that you can reset.`;

interface Options {
  readonly likes: number;
  readonly videos: number;
}

async function measure({ likes, videos }: Options): Promise<void> {
  const settings = readSettings(process.env);
  const names = new Names(settings.NAMESPACE);
  const type = likesOf(settings.REACTIONS);
  const cassandra = openCassandra({
    contactPoints: settings.CASSANDRA_CONTACT_POINTS,
    localDatacenter: settings.CASSANDRA_LOCAL_DATACENTER,
  });
  await cassandra.connect();
  const replication = settings.CASSANDRA_REPLICATION;
  await setUpTables(cassandra, { types: { logged: [type] }, names, replication });
  const session = new LimitedSession(cassandra, systemClock);
  const store = new CassandraRowStore(session, type, ORIGIN);
  try {
    await timed('inserted', likes, () => insert(store, settings.REACTIONS, { likes, videos }));
    const log = [ORIGIN, names.topic(type.name, 1), 'measured', PARTITIONS];
    await session.execute(
      'INSERT INTO logs (origin, topic, topic_id, partitions) VALUES (?, ?, ?, ?)',
      log,
    );
    const drains = new DrainRecords(cassandra, () => systemClock.now());
    const ends = Array.from({ length: PARTITIONS }, (_, at) => [at, likes] as const);
    await drains.set(ORIGIN, 'drained', new Map([[type.name, new Map(ends)]]));
    await timed('recounted', likes, recount);
    await timed('recounted again', likes, recount);
  } finally {
    session.close();
    await cassandra.shutdown();
  }
}

async function insert(
  store: CassandraRowStore,
  reactions: readonly string[],
  { likes, videos }: Options,
): Promise<void> {
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < likes) {
      const first = next;
      next += LIKES_PER_INSERT;
      const videoId = `${DATACENTER}-${(first / LIKES_PER_INSERT) % videos}`;
      const count = Math.min(LIKES_PER_INSERT, likes - first);
      const rows = Array.from({ length: count }, (_, at) => ({
        ...{ id: v7(), memberId: 'ann', at: Date.now(), offset: first + at },
        body: { reaction: reactions[at % reactions.length] },
      }));
      await store.insert(`video:${videoId}`, rows);
    }
  };
  await Promise.all(Array.from({ length: INSERTS_AT_ONCE }, work));
}

function recount(): Promise<void> {
  const file = join(ROOT, 'dist', 'tools', 'recount', 'main.js');
  const env = { ...process.env, DATACENTER };
  const child = spawn(process.execPath, [file], { env, stdio: 'inherit' });
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`recount ended with ${code}`));
    });
  });
}

async function timed(what: string, likes: number, work: () => Promise<void>): Promise<void> {
  const began = performance.now();
  await work();
  const seconds = (performance.now() - began) / MS_PER_SECOND;
  console.log(`${what}: ${likes} likes in ${seconds.toFixed(1)} s, all included`);
}

new Command('node dist/tools/bench/recount.js')
  .description(HELP)
  .option('--likes <n>', 'rows', whole(1), 1_000_000)
  .option('--videos <n>', 'videos that have them', whole(1), 1_000)
  .action(measure)
  .parseAsync()
  .catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  });
