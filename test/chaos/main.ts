import { writeFileSync } from 'node:fs';
import { Command, Option } from 'commander';
import { kept } from '../load/result';
import { Seeded } from '../simulation/seeded';
import { Site } from '../stack/site';
import { chaos, type Outcome, type Plan } from './chaos';
import { FAULTS } from './faults';
import { type Struck, tableOf } from './record';

interface Asked {
  readonly minutes: number;
  readonly rate: number;
  readonly batch: number;
  readonly viewers: number;
  readonly cut: number;
  readonly seed: number;
  readonly only?: string;
  readonly json?: string;
}

function readOptions(): Asked {
  return new Command('npm run chaos --')
    .description(
      'Two of each role on a Kafka, a Cassandra and a Redis of its own; one fault after the other ' +
        'under load; seconds to recover, and whether every total is exact in the end.',
    )
    .option('--minutes <n>', 'how long faults strike', Number, 10)
    .option('--rate <n>', 'likes a second', Number, 200)
    .option('--batch <n>', 'likes in one POST', Number, 1)
    .option('--viewers <n>', 'viewers', Number, 500)
    .option('--cut <n>', 'viewers a second that lose their connection and come back', Number, 5)
    .option('--seed <n>', 'of the order of faults', Number, 1)
    .addOption(
      new Option('--only <fault>', 'one kind again and again').choices(FAULTS.map((f) => f.name)),
    )
    .option('--json <file>', 'writes all figures there')
    .parse()
    .opts<Asked>();
}

async function main(): Promise<void> {
  const { json, minutes, only, seed, ...load } = readOptions();
  const plan: Plan = {
    ...load,
    faults: FAULTS.filter(({ name }) => only === undefined || name === only),
    seconds: minutes * 60,
    random: new Seeded(seed),
    struck: (struck) => process.stderr.write(`\n${lineOf(struck)}\n`),
  };
  const site = new Site();
  try {
    process.stderr.write('starting Kafka, Cassandra, Redis and two of each role\n');
    await site.start();
    const outcome = await chaos(site, plan);
    if (json) writeFileSync(json, `${JSON.stringify(outcome, null, 2)}\n`);
    process.stdout.write(`\n${tableOf(outcome.struck)}\n\n${verdictOf(outcome)}\n`);
    process.exitCode = isExact(outcome) ? 0 : 1;
  } finally {
    await site.end();
  }
}

function lineOf({ back, fault, flowing, outage, recovered }: Struck): string {
  const times = `outage ${outage.toFixed(1)} s, likes flow after ${flowing.toFixed(1)} s`;
  return `${fault}: ${times}, ${back.toFixed(2)} s once all is back${recovered ? '' : ': TOO LONG'}`;
}

function isExact({ broken, load, rows, struck }: Outcome): boolean {
  const isKept = kept(load) && load.broken.stepsBack === 0 && broken.length === 0;
  return isKept && rows === load.verdict.total && struck.every(({ recovered }) => recovered);
}

function verdictOf(outcome: Outcome): string {
  const { broken, load, rows, struck } = outcome;
  const { posted, verdict } = load;
  const lines = [
    `${struck.length} faults; ${posted.taken} likes answered, ${posted.unknown} with no answer`,
    `${rows} rows, total ${verdict.total}, ` +
      `${verdict.exactViewers} of ${verdict.viewers} viewers have it`,
    ...verdict.offenders,
    ...load.broken.examples,
    ...broken,
    isExact(outcome) ? 'exact' : 'NOT exact',
  ];
  return lines.join('\n');
}

main().catch((error: unknown) => {
  process.stderr.write(`chaos: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
