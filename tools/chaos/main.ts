import { writeFileSync } from 'node:fs';
import { Command, Option } from 'commander';
import { Seeded } from '../../test/simulation/seeded';
import { findLibfaketime } from '../../test/stack/role-clock';
import { Site } from '../../test/stack/site';
import { chaos, type Plan } from './chaos';
import type { Fault } from './fault';
import { FAULTS } from './faults';
import { LiveLoad } from './live-load';
import { lineOf, tableOf } from './record';
import { hasRefused, loseTail, refusalsOf } from './tail-lost';
import { isExact, verdictOf } from './verdict';

/** A short dedupe window: several faults last longer. */
const SETTINGS = { DEDUPE_WINDOW_MS: '10000' };

interface Asked {
  readonly minutes: number;
  readonly rate: number;
  readonly batch: number;
  readonly viewers: number;
  readonly cut: number;
  readonly seed: number;
  readonly only?: readonly string[];
  readonly json?: string;
  readonly tailLost?: boolean;
  readonly commitsLost?: boolean;
}

function readOptions(): Asked {
  return new Command('npm run chaos --')
    .description(
      'Runs two of each role on its own Kafka, Cassandra and Redis, and injects one fault after ' +
        'the other under load. Prints the seconds to recover, and whether every total and every ' +
        'reaction is exact at the end. Exit code 0 if the promise held.',
    )
    .option('--minutes <n>', 'time in which faults are injected', Number, 10)
    .option('--rate <n>', 'likes a second', Number, 200)
    .option('--batch <n>', 'likes in one POST', Number, 1)
    .option('--viewers <n>', 'viewers', Number, 500)
    .option('--cut <n>', 'viewers a second that lose their connection and reconnect', Number, 5)
    .option('--seed <n>', 'seed of the order of faults', Number, 1)
    .addOption(
      new Option('--only <fault...>', 'inject only these kinds, repeatedly').choices(
        FAULTS.map((f) => f.name),
      ),
    )
    .option('--json <file>', 'write all figures to this file')
    .option(
      '--tail-lost',
      "a separate run: Kafka's log loses its end while Kafka is down; exits with 0 if every " +
        'dispatcher ends and logs the reason',
    )
    .option('--commits-lost', 'with --tail-lost: Kafka loses the committed positions, too')
    .parse()
    .opts<Asked>();
}

async function main(): Promise<void> {
  const asked = readOptions();
  process.exitCode = (await (asked.tailLost ? runTailLost(asked) : runFaults(asked))) ? 0 : 1;
}

async function runFaults({ json, minutes, only, seed, ...load }: Asked): Promise<boolean> {
  let begun = performance.now();
  let faults = 0;
  const plan: Plan = {
    ...load,
    faults: faultsOf(only),
    seconds: minutes * 60,
    random: new Seeded(seed),
    struck: (struck) => {
      const seconds = Math.round((performance.now() - begun) / 1_000);
      faults += 1;
      say(`${seconds} s, fault ${faults}: ${lineOf(struck)}`);
    },
  };
  return withSite(new Site({ heldLink: true, redisLink: true, clocks: true }), async (site) => {
    const live = new LiveLoad(site, new Seeded(seed));
    await live.start();
    begun = performance.now();
    const outcome = await chaos(site, plan);
    say(`beside: ${live.summary}; waiting until they are at rest`);
    const wrong = await live.wrong();
    live.close();
    if (json) writeFileSync(json, `${JSON.stringify(outcome, null, 2)}\n`);
    process.stdout.write(`\n${tableOf(outcome.struck)}\n\n${verdictOf(outcome)}\n`);
    const beside = wrong.length === 0 ? 'right' : `WRONG: ${wrong.join('; ')}`;
    process.stdout.write(`comments, viewers and presence: ${beside}\n`);
    return isExact(outcome) && wrong.length === 0;
  });
}

function runTailLost({ commitsLost, json }: Asked): Promise<boolean> {
  return withSite(new Site(), async (site) => {
    const lost = await loseTail(site, say, commitsLost);
    if (json) writeFileSync(json, `${JSON.stringify(lost, null, 2)}\n`);
    process.stdout.write(`\n${refusalsOf(lost)}\n`);
    return hasRefused(lost);
  });
}

async function withSite(site: Site, play: (site: Site) => Promise<boolean>): Promise<boolean> {
  try {
    say('starting Kafka, Cassandra, Redis and two of each role');
    await site.start(SETTINGS);
    return await play(site);
  } finally {
    await site.end();
  }
}

/** The requested faults that are possible on this machine. */
function faultsOf(only: readonly string[] | undefined): readonly Fault[] {
  const asked = FAULTS.filter(({ name }) => only === undefined || only.includes(name));
  if (findLibfaketime()) return asked;
  const left = asked.filter(({ stepsClocks }) => stepsClocks).map(({ name }) => name);
  if (left.length > 0) say(`no libfaketime on this machine, NOT tried: ${left.join(', ')}`);
  return asked.filter(({ stepsClocks }) => !stepsClocks);
}

function say(line: string): void {
  process.stderr.write(`\n${line}\n`);
}

main().catch((error: unknown) => {
  process.stderr.write(`chaos: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
