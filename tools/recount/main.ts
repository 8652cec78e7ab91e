import { Command } from 'commander';
import { readSettings } from '../../runtime/settings/settings';
import { runProgram } from '../operator/program';
import { OperatorServers } from '../operator/servers';
import { whole } from '../whole';
import { Recounter } from './recounter';

const HELP = `
Counts the entries of this datacenter's frozen logs again, by event type, from their rows in the
store, and replaces saved states that differ. Use it if the table of states is destroyed or wrong,
and after a log has lost records.

First run \`npm run drain\` and stop all producers and dispatchers of this datacenter; frontends may
run. If the processes refuse a log that has lost records, give --log-lost instead of a drain. Run it
in each datacenter, one after the other, while the links between them are up. Afterwards start
with LOG_GENERATION one higher. Viewers then get one event with the difference.

Only types that are counted from their rows are recounted, as likes are: the states of comments,
receipts and attributes stay as they are saved.

It may run again at any time, and changes no correct state. The exit code is 0 if all totals are
correct at the end.

Settings are those of the processes: DATACENTER, EVENT_TYPES, KAFKA_BROKERS,
CASSANDRA_CONTACT_POINTS, REDIS_URL and so on. The embedded mode needs no recount: its log, rows and
states are in one database.`;

interface Options {
  readonly channel?: string;
  readonly logLost?: number | true;
}

async function recount({ channel, logLost }: Options): Promise<void> {
  if (logLost !== undefined && channel !== undefined) {
    throw new Error('--log-lost concerns all channels: leave --channel out');
  }
  const servers = new OperatorServers(readSettings(process.env));
  try {
    await servers.connect();
    const recounter = new Recounter(servers);
    const which = logLost === true ? 'newest' : logLost;
    await recounter.run(which, channel && servers.types.parseChannel(channel));
  } finally {
    await servers.close();
  }
}

runProgram(
  'recount',
  new Command('npm run recount --')
    .description(HELP)
    .option('--channel <name>', 'only this channel, as in video:42')
    .option(
      '--log-lost [generation]',
      'the log of this generation, or the newest one, has lost records',
      whole(1),
    )
    .action(recount),
);
