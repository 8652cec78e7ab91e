import { setTimeout as pause } from 'node:timers/promises';
import { v7 } from 'uuid';
import type { PeerSites } from '../../test/stack/peer-sites';
import { Probes } from '../chaos/probes';
import { kept, type Result } from '../load/result';
import { Run } from '../load/run';
import { loadOf, type Plan } from './plan';

const WARM_UP_MS = 3_000;
const TIMES = 2;
const CONVERGE_MS = 60_000;
const MS = 1_000;

/** The result of a cut link. */
export interface Cut {
  /**
   * From MirrorMaker's start until the viewers of each datacenter have a later like of the other
   * one on every partition, s. Earlier updates have then arrived, too.
   */
  readonly backAfter: readonly number[];
  readonly load: Result;
  /** Each datacenter's total at rest. */
  readonly totals: readonly number[];
  readonly rows: number;
  readonly isExact: boolean;
}

/** Cuts the link while both datacenters serve, and kills a dispatcher of each. */
export async function cut(peers: PeerSites, plan: Plan): Promise<Cut> {
  const video = `cut-${v7()}`;
  const options = loadOf(peers, video, {
    rate: plan.rate * peers.sites.length,
    viewers: plan.viewers * peers.sites.length,
    doubles: plan.doubles,
    seconds: 10 * 60,
  });
  const over = new AbortController();
  const probes = peers.sites.map((site) => crossing(peers, site.server.url));
  for (const probe of probes) await probe.open();
  const playing = new Run(options).play(over.signal);
  playing.catch(() => undefined);
  try {
    await pause(WARM_UP_MS);
    const backAfter: number[] = [];
    for (let time = 0; time < TIMES; time++) backAfter.push(await cutOnce(peers, plan, probes));
    over.abort();
    const load = await playing;
    const totals = await Promise.all(peers.sites.map((_, at) => peers.total(at, video)));
    const rows = (await peers.rows(video)).size;
    const isExact = kept(load) && totals.every((total) => total === rows);
    return { backAfter, load, totals, rows, isExact };
  } finally {
    over.abort();
    for (const probe of probes) await probe.close();
  }
}

async function cutOnce(peers: PeerSites, plan: Plan, probes: readonly Probes[]): Promise<number> {
  plan.say(`the link is cut for ${plan.cut} s, a dispatcher of each datacenter is killed`);
  await peers.datacenters.mirror.kill();
  await pause((plan.cut * MS) / 2);
  await Promise.all(peers.sites.map(({ dispatchers }) => dispatchers[0]?.end('SIGKILL')));
  await pause((plan.cut * MS) / 2);
  await Promise.all(peers.sites.map(({ dispatchers }) => dispatchers[0]?.start()));
  const began = performance.now();
  await peers.datacenters.link();
  const seen = await Promise.all(probes.map((probe) => probe.round(CONVERGE_MS)));
  const after = (performance.now() - began) / MS;
  plan.say(seen.every((each) => each) ? `equal after ${after.toFixed(1)} s` : 'NOT equal in time');
  return after;
}

/** Probes that post to one datacenter, with viewers in all. */
function crossing(peers: PeerSites, postedAt: string): Probes {
  return new Probes({
    token: peers.token,
    frontends: peers.sites.map(({ server }) => server.url),
    producers: [postedAt],
    rows: (video) => peers.reactions(video),
  });
}
