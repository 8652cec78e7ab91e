import { setTimeout as pause } from 'node:timers/promises';
import type { Options } from '../load/options';
import type { Result } from '../load/result';
import { Run } from '../load/run';
import type { Seeded } from '../simulation/seeded';
import type { Site } from '../stack/site';
import type { Fault } from './faults';
import { Probes } from './probes';
import type { Struck } from './record';

const WARM_UP_MS = 3_000;
const RECOVER_MS = 30_000;
const BETWEEN_FAULTS_MS = 1_000;

/** What is asked for. */
export interface Plan {
  readonly faults: readonly Fault[];
  readonly seconds: number;
  readonly rate: number;
  readonly batch: number;
  readonly viewers: number;
  /** Viewers that lose their connection, a second. */
  readonly cut: number;
  readonly random: Seeded;
  /** Told of each fault when it is over. */
  readonly struck: (struck: Struck) => void;
}

/** What came of it. */
export interface Outcome {
  readonly struck: readonly Struck[];
  readonly load: Result;
  readonly rows: number;
  /** What the probes saw that should not have been. */
  readonly broken: readonly string[];
}

/** Strikes one fault after the other under load, and tells whether all is exact in the end. */
export async function chaos(site: Site, plan: Plan): Promise<Outcome> {
  const options = loadOf(site, plan);
  const probes = new Probes({
    token: site.token,
    frontends: site.roles.frontend.map(({ url }) => url),
    producers: site.roles.producer.map(({ url }) => url),
    rows: (video) => site.rows(video),
  });
  await probes.open();
  const over = new AbortController();
  const playing = new Run(options).play(over.signal);
  playing.catch(() => undefined);
  try {
    await pause(WARM_UP_MS);
    const struck = await strikeAll(site, plan, probes);
    over.abort();
    const load = await playing;
    const rows = (await site.rows(options.video)).size;
    return { struck, load, rows, broken: await probes.broken() };
  } finally {
    over.abort();
    await probes.close();
  }
}

async function strikeAll(site: Site, plan: Plan, probes: Probes): Promise<Struck[]> {
  const all: Struck[] = [];
  const until = performance.now() + plan.seconds * 1_000;
  let deck: Fault[] = [];
  while (performance.now() < until) {
    if (deck.length === 0) deck = [...plan.faults];
    const [fault] = deck.splice(plan.random.below(deck.length), 1);
    if (!fault) break;
    const struck = await strike(fault, site, plan, probes);
    plan.struck(struck);
    all.push(struck);
    await pause(BETWEEN_FAULTS_MS);
  }
  return all;
}

async function strike(fault: Fault, site: Site, plan: Plan, probes: Probes): Promise<Struck> {
  const began = performance.now();
  const since = (start: number): number => (performance.now() - start) / 1_000;
  const striking = fault.strike(site, (below) => plan.random.below(below)).then(() => since(began));
  // The blow comes first: what is posted from here on meets it.
  await pause(20);
  const flows = probes.round(RECOVER_MS).then((isSeen) => ({ isSeen, after: since(began) }));
  const outage = await striking;
  const backFrom = performance.now();
  const { isSeen, after } = await flows;
  const isBack = await probes.round(RECOVER_MS);
  const back = since(Math.max(backFrom, began + outage * 1_000));
  return { fault: fault.name, outage, flowing: after, back, recovered: isSeen && isBack };
}

function loadOf({ roles, token }: Site, { batch, cut, random, rate, seconds, viewers }: Plan) {
  const doors = (all: readonly { url: string }[]): URL[] => all.map(({ url }) => new URL(url));
  const video = `chaos-${random.entropy.secretId()}`;
  const options: Options = {
    ...{ batch, cut, rate, token, video, viewers },
    url: doors(roles.frontend),
    postUrl: doors(roles.producer),
    // It is ended when the last fault is over.
    seconds: seconds + 10 * 60,
    videos: 1,
    connectRate: 500,
    doubles: 0.02,
    json: true,
    sourceAddresses: 0,
  };
  return options;
}
