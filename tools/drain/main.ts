import { Command } from 'commander';
import type { DrainRecords, DrainState } from '../../adapters/cassandra/drain-records';
import type { KnownLog } from '../../adapters/cassandra/known-logs';
import { logsOf } from '../../app/generations';
import { systemClock } from '../../runtime/clock';
import { readSettings } from '../../runtime/settings/settings';
import { DedupeWindow } from '../../schemas/dedupe-window';
import { generationOf, originOf } from '../../schemas/origins';
import { runProgram, say } from '../operator/program';
import { OperatorServers } from '../operator/servers';
import { whole } from '../whole';
import { drainedTypes } from './drained-types';
import { DrainRun } from './run';

const DEFAULT_TIMEOUT_S = 600;
const MS_PER_SECOND = 1_000;

const HELP = `
Takes this datacenter's log out of service, so that a new log can follow: with another number of
partitions, or for \`npm run recount\`. Producers answer 503 within a second. The dispatchers must
run: they count, save, store and publish all records of the log. Then the end of each partition is
recorded. Afterwards stop all producers and dispatchers of this datacenter, and start them with
LOG_GENERATION one higher, and with PARTITIONS if the number changes.

With several datacenters the links between them must be up; it then takes a quarter of
DEDUPE_WINDOW_MS longer. For another number of partitions drain all datacenters first, then stop
all, then start all with the same PARTITIONS. Peers read the new log's updates without a restart.

Settings are those of the processes: DATACENTER, LOG_GENERATION, PEER_DATACENTERS, EVENT_TYPES,
KAFKA_BROKERS, CASSANDRA_CONTACT_POINTS and so on. All event types of the log are drained. The
embedded mode needs no drain: its log never changes.`;

interface Options {
  readonly undo?: boolean;
  readonly timeout: number;
}

async function drain({ timeout, undo }: Options): Promise<void> {
  const settings = readSettings(process.env);
  const { DATACENTER, DEDUPE_WINDOW_MS: windowMs, LOG_GENERATION } = settings;
  const servers = new OperatorServers(settings);
  try {
    await servers.connect();
    const logs = await servers.logs();
    const origin = originOf(DATACENTER, LOG_GENERATION);
    const log = knownLog(logsOf(logs, DATACENTER), origin);
    const run = new DrainRun({
      ...{ origin, say, clock: systemClock, admin: servers.admin, records: servers.drains },
      types: drainedTypes(log, logs, {
        names: servers.names,
        types: servers.types,
        peers: settings.PEER_DATACENTERS,
        existing: await servers.admin.listTopics(),
      }),
      youngMs: settings.PEER_DATACENTERS.length > 0 ? new DedupeWindow(windowMs).youngMs : 0,
      timeoutMs: timeout * MS_PER_SECOND,
    });
    if (undo) await undoDrain(log, logsOf(logs, DATACENTER), run);
    else await runDrain(log, run, servers.drains);
  } finally {
    await servers.close();
  }
}

async function runDrain({ origin, state }: KnownLog, run: DrainRun, drains: DrainRecords) {
  if (isOver(state)) throw new Error(`${origin} was ${state}: it is out of service already`);
  const ends = state === 'drained' ? await drains.ends(origin) : await run.run();
  const records = [...ends].map(([type, ofType]) => {
    return `${type}: ${[...ofType.values()].reduce((sum, end) => sum + end, 0)} records`;
  });
  say(
    `${origin} is drained (${records.join(', ')}): all are counted and stored. ` +
      'Stop all producers and dispatchers of this datacenter; then start them with ' +
      `LOG_GENERATION=${generationOf(origin) + 1}`,
  );
}

async function undoDrain({ origin, state }: KnownLog, own: readonly KnownLog[], run: DrainRun) {
  if (isOver(state)) throw new Error(`${origin} was ${state}: that cannot be undone`);
  const newest = own.at(-1)?.origin;
  if (newest !== origin) throw new Error(`${newest} follows ${origin}: that cannot be undone`);
  await run.undo();
  say(`${origin} is in service: its producers accept entries within a second`);
}

function knownLog(own: readonly KnownLog[], origin: string): KnownLog {
  const log = own.find((each) => each.origin === origin);
  if (log) return log;
  const known = own.map((each) => each.origin).join(', ') || 'none';
  throw new Error(`${origin} has no log (known: ${known}): check DATACENTER and LOG_GENERATION`);
}

function isOver(state: DrainState | undefined): boolean {
  return state === 'lost' || state === 'recounting' || state === 'recounted';
}

runProgram(
  'drain',
  new Command('npm run drain --')
    .description(HELP)
    .option('--undo', 'put the log back into service, if no other one follows it')
    .option('--timeout <seconds>', 'give up after this time', whole(1), DEFAULT_TIMEOUT_S)
    .action(drain),
);
