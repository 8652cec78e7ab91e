import { resolve } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { App } from './app/app';
import { demoToken } from './app/demo-token';
import { chooseStack, type StackChoice } from './choose-stack';
import { DEFAULT_PORTS, type PublicPorts } from './native/ports';
import { PrintedProgress } from './native/progress';
import { appText, statusText, stoppedText, upText } from './summary';

const MAX_PORT = 65_535;

interface Options extends StackChoice {
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
    .option('--app', 'up: two of each role behind one door as well')
    .option('--door-port <port>', 'up: where that door is (8080)', port)
    .option('--full-speed', 'up: for benchmarks, slower to start and quicker when warm')
    .option('--kafka-port <port>', `up: not ${DEFAULT_PORTS.kafka}`, port)
    .option('--cassandra-port <port>', `up: not ${DEFAULT_PORTS.cassandra}`, port)
    .option('--redis-port <port>', `up: not ${DEFAULT_PORTS.redis}`, port);
  program
    .command('up', { isDefault: true })
    .description('start what does not run yet and wait until it answers (the default)')
    .action((_, command: Command) => up(command.optsWithGlobals()));
  program
    .command('status')
    .description('say how each part is')
    .action((_, command: Command) => status(command.optsWithGlobals()));
  program
    .command('stop')
    .description('stop cleanly; the data stays')
    .action((_, command: Command) => stop(command.optsWithGlobals()));
  program
    .command('reset')
    .description('stop and delete the data')
    .action((_, command: Command) => reset(command.optsWithGlobals()));
  return program;
}

async function up(options: Options): Promise<void> {
  const stack = await chooseStack({ ...options, ports: portsIn(options) });
  await stack.start();
  if (options.app) {
    const plan = await appIn(options).start(stack.addresses, options.doorPort);
    print(appText(plan, await demoToken(plan)));
  }
  print(upText(stack.addresses, options.folder));
}

async function status(options: Options): Promise<void> {
  const stack = await chooseStack(options);
  const parts = [...(await stack.status()), ...(await appIn(options).status())];
  print(statusText(parts, options.folder));
}

async function stop(options: Options): Promise<void> {
  const stack = await chooseStack(options);
  await appIn(options).stop();
  await stack.stop();
  print(stoppedText(options.folder));
}

async function reset(options: Options): Promise<void> {
  const stack = await chooseStack(options);
  await appIn(options).reset();
  await stack.reset();
  print('stopped, and its data is deleted\n');
}

function appIn({ folder }: Options): App {
  return new App(resolve(folder), new PrintedProgress(process.stdout));
}

function portsIn({ kafkaPort, cassandraPort, redisPort }: Options): Partial<PublicPorts> {
  return {
    ...(kafkaPort === undefined ? {} : { kafka: kafkaPort }),
    ...(cassandraPort === undefined ? {} : { cassandra: cassandraPort }),
    ...(redisPort === undefined ? {} : { redis: redisPort }),
  };
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
    // The terminal's last line may still show what was going on.
    if (process.stdout.isTTY) process.stdout.write('\n');
    process.stderr.write(`stack: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  });
