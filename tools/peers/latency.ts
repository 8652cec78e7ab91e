import { v7 } from 'uuid';
import type { PeerSites } from '../../test/stack/peer-sites';
import type { Quantiles } from '../load/histogram';
import { kept, type Result } from '../load/result';
import { Run } from '../load/run';
import { mirrorAlone } from './mirror-alone';
import { loadOf, type Plan } from './plan';

const ALONE_S = 20;

/** Latencies of likes, ms, to viewers in the datacenter that accepted them and in the other one. */
export interface Latency {
  readonly local: readonly Quantiles[];
  readonly across: readonly Quantiles[];
  /** A record through MirrorMaker without likestream: before the load, and beside it. */
  readonly mirrorAlone: Quantiles;
  readonly mirrorBeside: Quantiles;
  readonly isExact: boolean;
  readonly totals: readonly number[];
}

/** Measures each datacenter's likes at viewers of both. */
export async function latency(peers: PeerSites, plan: Plan): Promise<Latency> {
  plan.say(`warming up, ${plan.warmUp} s`);
  if (plan.warmUp > 0) await crossing(peers, { ...plan, seconds: plan.warmUp });
  plan.say(`MirrorMaker without load, ${ALONE_S} s`);
  const alone = await mirrorAlone(peers, ALONE_S);
  plan.say(`${plan.rate} likes/s in each datacenter, seen in both, ${plan.seconds} s`);
  const [beside, { results, videos }] = await Promise.all([
    mirrorAlone(peers, plan.seconds),
    crossing(peers, plan),
  ]);
  const count = peers.sites.length;
  const isLocal = (at: number): boolean => Math.floor(at / count) === at % count;
  const of = (wanted: boolean): Quantiles[] =>
    results.filter((_, at) => isLocal(at) === wanted).map(({ delivered }) => delivered.latency);
  const rows = await Promise.all(videos.map(async (video) => (await peers.rows(video)).size));
  const totalOf = ({ verdict }: Result): number => verdict.total;
  const isCounted = results.every((each, at) => totalOf(each) === rows[Math.floor(at / count)]);
  return {
    local: of(true),
    across: of(false),
    mirrorAlone: alone,
    mirrorBeside: beside,
    isExact: isCounted && results.every(kept),
    totals: rows,
  };
}

/** Loads of each datacenter's likes on each one's viewers; results by likes, then by viewers. */
async function crossing(peers: PeerSites, plan: Plan) {
  const videos = peers.names.map((name) => `latency-${name}-${v7()}`);
  const { signal } = new AbortController();
  const runs = videos.flatMap((video, from) =>
    peers.sites.map((_, to) => watch(peers, plan, { video, from, to }).play(signal)),
  );
  return { videos, results: await Promise.all(runs) };
}

/** The load of one datacenter's likes on half of another one's viewers. */
function watch(
  peers: PeerSites,
  { rate, seconds, viewers }: Plan,
  { from, to, video }: { readonly video: string; readonly from: number; readonly to: number },
): Run {
  const server = (at: number): URL[] => [new URL(peers.site(at).server.url)];
  const isLocal = from === to;
  return new Run(
    loadOf(peers, video, {
      url: server(to),
      postUrl: server(to),
      rate: isLocal ? rate : 0,
      seconds: isLocal ? seconds : seconds + 2,
      viewers: Math.ceil(viewers / peers.sites.length),
    }),
  );
}
