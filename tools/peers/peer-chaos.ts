import { writeFileSync } from 'node:fs';
import { Seeded } from '../../test/simulation/seeded';
import { CassandraNodes } from '../../test/stack/cassandra-nodes';
import { PeerSites } from '../../test/stack/peer-sites';
import { chaos } from '../chaos/chaos';
import { lineOf, tableOf } from '../chaos/record';
import { isExact, verdictOf } from '../chaos/verdict';
import { PeerChaosSite } from './peer-chaos-site';
import { PEER_FAULTS } from './peer-faults';

/** A short dedupe window: cut links last longer. */
const SETTINGS = { DEDUPE_WINDOW_MS: '10000' };

const VIEWERS_CUT_A_SECOND = 2;

/** The options of a run. */
export interface PeerChaosOptions {
  readonly minutes: number;
  /** Likes a second, and viewers, in each datacenter. */
  readonly rate: number;
  readonly viewers: number;
  /** The seed of the order of faults. */
  readonly seed: number;
  /** Names of the faults; all if not given. */
  readonly fault?: readonly string[];
  /** Whether the counts of each reaction are compared, not only totals. */
  readonly reactions: boolean;
  readonly json?: string;
}

/** Injects faults into two datacenters; prints a table and the verdict. Returns whether it held. */
export async function peerChaos(
  options: PeerChaosOptions,
  say: (line: string) => void,
): Promise<boolean> {
  const names = ['dc1', 'dc2'];
  const cassandras = await CassandraNodes.choose(names.length);
  const peers = new PeerSites(names, { cassandras });
  try {
    say('starting a Kafka, a Cassandra, a Redis and the roles of two datacenters, and MirrorMaker');
    await peers.start(SETTINGS);
    const site = new PeerChaosSite(peers, cassandras, options.reactions);
    return await play(site, options, say);
  } finally {
    await peers.end();
  }
}

async function play(
  site: PeerChaosSite,
  { fault, json, minutes, rate, seed, viewers }: PeerChaosOptions,
  say: (line: string) => void,
): Promise<boolean> {
  const began = performance.now();
  const outcome = await chaos(site, {
    faults: PEER_FAULTS.filter(({ name }) => fault === undefined || fault.includes(name)),
    seconds: minutes * 60,
    rate: rate * site.peers.sites.length,
    viewers: viewers * site.peers.sites.length,
    batch: 1,
    cut: VIEWERS_CUT_A_SECOND,
    random: new Seeded(seed),
    struck: (struck) => {
      say(`${Math.round((performance.now() - began) / 1_000)} s: ${lineOf(struck)}`);
    },
  });
  if (json) writeFileSync(json, `${JSON.stringify(outcome, null, 2)}\n`);
  process.stdout.write(`\n${tableOf(outcome.struck)}\n\n${verdictOf(outcome)}\n`);
  return isExact(outcome);
}
