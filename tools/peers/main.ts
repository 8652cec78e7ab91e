import { Command, Option } from 'commander';
import { PeerSites } from '../../test/stack/peer-sites';
import type { Quantiles } from '../load/histogram';
import type { Result } from '../load/result';
import { cut } from './cut';
import { latency } from './latency';
import { BARE_TOPIC } from './mirror-alone';
import { move } from './move';
import { type PeerChaosOptions, peerChaos } from './peer-chaos';
import { PEER_FAULTS } from './peer-faults';
import type { Plan } from './plan';

const SCENES = { latency: showLatency, cut: showCut, move: showMove };
type SceneName = keyof typeof SCENES;

interface Asked extends Omit<Plan, 'say'>, Omit<PeerChaosOptions, 'rate' | 'viewers'> {
  readonly only?: SceneName;
  readonly chaos?: boolean;
}

function readOptions(): Asked {
  return new Command('npm run peers --')
    .description(
      'Runs two datacenters with MirrorMaker between them. Measures the latency of likes from ' +
        'one to the other, cuts the link, kills a datacenter, and checks every total.',
    )
    .option('--rate <n>', 'likes a second in each datacenter', Number, 100)
    .option('--seconds <n>', 'time in which latency is measured', Number, 60)
    .option('--warm-up <n>', 'the same load before it, unmeasured, s', Number, 60)
    .option('--viewers <n>', 'viewers in each datacenter', Number, 200)
    .option('--cut <n>', 'time for which the link is cut, s', Number, 30)
    .option('--doubles <share>', 'share of likes posted to both while it is cut', Number, 0.05)
    .addOption(new Option('--only <scene>', 'one of them').choices(Object.keys(SCENES)))
    .option('--chaos', 'one fault after the other in both datacenters, instead of these scenes')
    .option('--minutes <n>', 'with --chaos: time in which faults are injected', Number, 6)
    .option('--seed <n>', 'with --chaos: seed of the order of faults', Number, 1)
    .option('--no-reactions', 'with --chaos: compare totals only, not each reaction')
    .addOption(
      new Option('--fault <kind...>', 'with --chaos: inject only these kinds').choices(
        PEER_FAULTS.map(({ name }) => name),
      ),
    )
    .option('--json <file>', 'with --chaos: write all figures to this file')
    .parse()
    .opts<Asked>();
}

async function main(): Promise<void> {
  const { chaos, only, ...asked } = readOptions();
  const say = (what: string): void => void process.stderr.write(`\n${what}\n`);
  if (chaos) process.exitCode = (await peerChaos(asked, say)) ? 0 : 1;
  else await showScenes({ ...asked, say }, only);
}

async function showScenes(plan: Plan, only: SceneName | undefined): Promise<void> {
  const peers = new PeerSites(['dc1', 'dc2'], { fullSpeed: true, moreTopics: [BARE_TOPIC] });
  try {
    plan.say('starting two Kafkas, two Redises, a Cassandra, MirrorMaker and the roles of both');
    await peers.start();
    for (const [name, show] of Object.entries(SCENES)) {
      if (only !== undefined && only !== name) continue;
      const { isExact, text } = await show(peers, plan);
      process.stdout.write(`\n${text}\n${isExact ? 'exact' : 'NOT exact'}\n`);
      if (!isExact) process.exitCode = 1;
    }
  } finally {
    await peers.end();
  }
}

async function showLatency(peers: PeerSites, plan: Plan) {
  const { across, isExact, local, mirrorAlone, mirrorBeside, totals } = await latency(peers, plan);
  const lines = [
    `like → viewer, ${plan.rate} likes/s in each datacenter, ${plan.viewers} viewers in each`,
    ...local.map((each, at) => line(`  in ${peers.names[at]}`, each)),
    ...across.map((each, at) => line(`  from ${peers.names[at]} to the other`, each)),
    line('  MirrorMaker, before the load', mirrorAlone),
    line('  MirrorMaker, beside the load', mirrorBeside),
    `totals and rows: ${totals.join(', ')}`,
  ];
  return { isExact, text: lines.join('\n') };
}

async function showCut(peers: PeerSites, plan: Plan) {
  const { backAfter, isExact, load, rows, totals } = await cut(peers, plan);
  const back = backAfter.map((each) => each.toFixed(1)).join(' and ');
  const lines = [
    `link cut ${backAfter.length} times for ${plan.cut} s, ${plan.rate} likes/s in each datacenter`,
    `  equal ${back} s after MirrorMaker was started again`,
    `  ${load.posted.doubles} likes posted to both, ${load.posted.unknown} without an answer`,
    ...verdictOf(load, totals, rows),
  ];
  return { isExact, text: lines.join('\n') };
}

async function showMove(peers: PeerSites, plan: Plan) {
  const viewers = 500;
  const { isExact, load, movedAfter, rows, totals } = await move(peers, plan, viewers);
  const lines = [
    `${viewers} viewers whose datacenter was killed`,
    `  all in the other one after ${movedAfter?.toFixed(1)} s`,
    `  ${load.streams.snapshotsAfterResume} snapshots after a resume`,
    ...verdictOf(load, totals, rows),
  ];
  return { isExact: isExact && movedAfter !== undefined, text: lines.join('\n') };
}

function verdictOf({ broken, posted, verdict }: Result, totals: readonly number[], rows: number) {
  return [
    `  ${posted.taken} answered, ${rows} rows, totals ${totals.join(' and ')}; ` +
      `${verdict.exactViewers} of ${verdict.viewers} viewers have it`,
    `  ${broken.notAddingUp} events did not add up, ${broken.stepsBack} totals stepped back`,
    ...verdict.offenders.map((offender) => `  ${offender}`),
  ];
}

function line(label: string, { p50, p90, p99, max }: Quantiles): string {
  const ms = (value: number): string => value.toFixed(value < 10 ? 1 : 0).padStart(4);
  return `${label.padEnd(30)} p50 ${ms(p50)} · p90 ${ms(p90)} · p99 ${ms(p99)} · max ${ms(max)} ms`;
}

main().catch((error: unknown) => {
  process.stderr.write(`peers: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
