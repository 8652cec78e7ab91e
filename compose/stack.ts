import { Command, InvalidArgumentError } from 'commander';
import { demoToken } from './app/demo-token';
import { chooseDatacenters, MAX_DATACENTERS } from './choose-datacenters';
import type { StackChoice } from './choose-stack';
import { DEFAULT_PORTS, type PublicPorts } from './native/ports';
import { appText, statusText, stoppedText, upText } from './summary';

const MAX_PORT = 65_535;

interface Options extends StackChoice {
  readonly datacenters?: number;
  readonly app?: boolean;
  readonly doorPort?: number;
  readonly kafkaPort?: number;
  readonly cassandraPort?: number;
  readonly redisPort?: number;
}

function commands(): Command {
  const program = new Command('npm run stack --')
    .description('Kafka, Cassandra and Redis in the background, by Docker or as plain processes.')
    .option('--folder <path>', 'where data, logs and process ids are kept', '.stack')
    .option('--native', 'as plain processes, even where Docker answers')
    .option('--app', 'up: also two of each role behind one proxy (the door), by datacenter')
    .option('--door-port <port>', 'up: port of the door (8080, then 8081, …)', port)
    .option('--datacenters <n>', 'up: several, with MirrorMaker between them', datacenters)
    .option('--full-speed', 'up: for benchmarks, slower to start and faster when warm')
    .option('--kafka-port <port>', `up: port of Kafka (${DEFAULT_PORTS.kafka})`, port)
    .option('--cassandra-port <port>', `up: port of Cassandra (${DEFAULT_PORTS.cassandra})`, port)
    .option('--redis-port <port>', `up: port of Redis (${DEFAULT_PORTS.redis})`, port);
  program
    .command('up', { isDefault: true })
    .description('start the parts that do not run, and wait until all answer (the default)')
    .action((_, command: Command) => up(command.optsWithGlobals()));
  program
    .command('status')
    .description('show whether each part runs and answers')
    .action((_, command: Command) => status(command.optsWithGlobals()));
  program
    .command('stop')
    .description('stop all parts cleanly; the data stays')
    .action((_, command: Command) => stop(command.optsWithGlobals()));
  program
    .command('reset')
    .description('stop all parts and delete their data')
    .action((_, command: Command) => reset(command.optsWithGlobals()));
  return program;
}

async function up(options: Options): Promise<void> {
  const chosen = await chooseDatacenters({ ...options, ports: portsIn(options) });
  await chosen.servers.start();
  for (const [at, environment] of chosen.environments().entries()) {
    const app = chosen.apps[at];
    if (!options.app || !app) break;
    const plan = await app.start(environment, options.doorPort && options.doorPort + at, at);
    print(appText(plan, await demoToken(plan)));
  }
  print(upText(chosen.environments(), options.folder));
}

async function status(options: Options): Promise<void> {
  const { apps, servers } = await chooseDatacenters(options);
  const parts = await Promise.all([servers.status(), ...apps.map((app) => app.status())]);
  print(statusText(parts.flat(), options.folder));
}

async function stop(options: Options): Promise<void> {
  const { apps, servers } = await chooseDatacenters(options);
  for (const app of apps) await app.stop();
  await servers.stop();
  print(stoppedText(options.folder));
}

async function reset(options: Options): Promise<void> {
  const { apps, servers } = await chooseDatacenters(options);
  for (const app of apps) await app.reset();
  await servers.reset();
  print('stopped, and the data is deleted\n');
}

function portsIn({ kafkaPort, cassandraPort, redisPort }: Options): Partial<PublicPorts> {
  return {
    ...(kafkaPort === undefined ? {} : { kafka: kafkaPort }),
    ...(cassandraPort === undefined ? {} : { cassandra: cassandraPort }),
    ...(redisPort === undefined ? {} : { redis: redisPort }),
  };
}

function datacenters(text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number > 0 && number <= MAX_DATACENTERS) return number;
  throw new InvalidArgumentError(`a whole number from 1 to ${MAX_DATACENTERS}.`);
}

function port(text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number > 0 && number <= MAX_PORT) return number;
  throw new InvalidArgumentError(`a port is a whole number from 1 to ${MAX_PORT}.`);
}

function print(text: string): void {
  process.stdout.write(text);
}

commands()
  .parseAsync()
  .catch((error: unknown) => {
    // The terminal's last line may still show an unfinished step.
    if (process.stdout.isTTY) process.stdout.write('\n');
    process.stderr.write(`stack: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  });
