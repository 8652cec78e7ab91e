import { setMaxListeners } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import type { Seeded } from '../../test/simulation/seeded';
import type { Site } from '../../test/stack/site';
import type { Counts } from '../load/api';
import type { Options } from '../load/options';
import { Run } from '../load/run';
import type { ChaosSite } from './chaos-site';
import { Deck } from './deck';
import type { Fault, FaultContext } from './fault';
import { Probes } from './probes';
import type { Struck } from './record';
import { countsOf, SideLoad } from './side-load';
import { Supervisor } from './supervisor';
import type { Outcome } from './verdict';

const WARM_UP_MS = 3_000;
/** Likes flow again within this time once all servers and roles are back. */
const RECOVER_MS = 30_000;
/** A server that was killed replays its log before it is back, on a busy machine for a minute. */
const MAX_OUTAGE_MS = 90_000;
const BETWEEN_FAULTS_MS = 1_000;
const BLOW_MS = 20;
const MS_PER_SECOND = 1_000;

/** The options of a run. */
export interface Plan<On extends ChaosSite = Site> {
  readonly faults: readonly Fault<On>[];
  readonly seconds: number;
  readonly rate: number;
  readonly batch: number;
  readonly viewers: number;
  /** Viewers that lose their connection, a second. */
  readonly cut: number;
  readonly random: Seeded;
  /** Called with each fault after its end. */
  readonly struck: (struck: Struck) => void;
}

/** A fault that has ended, and its own load. */
interface Blow {
  readonly struck: Struck;
  readonly loads: readonly SideLoad[];
}

/** Injects one fault after the other under load, then compares all counts at rest. */
export async function chaos<On extends ChaosSite>(site: On, plan: Plan<On>): Promise<Outcome> {
  return new ChaosRun(site, plan).play();
}

class ChaosRun<On extends ChaosSite> {
  private readonly options: Options;
  private readonly run: Run;
  private readonly probes: Probes;
  private readonly supervisor: Supervisor;
  private readonly blows: Blow[] = [];

  constructor(
    private readonly site: On,
    private readonly plan: Plan<On>,
  ) {
    this.options = loadOf(site, plan);
    this.run = new Run(this.options);
    this.supervisor = new Supervisor(site.processes);
    this.probes = new Probes({
      token: site.token,
      frontends: site.roles.frontend.map(({ url }) => url),
      producers: site.roles.producer.map(({ url }) => url),
      rows: (video) => site.reactions(video),
    });
  }

  async play(): Promise<Outcome> {
    await this.probes.open();
    this.supervisor.watch();
    const over = new AbortController();
    // Each wait of each POST adds one listener.
    setMaxListeners(0, over.signal);
    const playing = this.run.play(over.signal);
    playing.catch(() => undefined);
    try {
      await pause(WARM_UP_MS);
      await this.strikeAll();
      over.abort();
      const load = await playing;
      const rows = await this.rows();
      const struck = await this.checked();
      const { mayStepBack = false } = this.site;
      const broken = [...rows.broken, ...(await this.probes.broken())];
      return { struck, load, rows: rows.counts, broken, mayStepBack };
    } finally {
      over.abort();
      this.supervisor.stop();
      await this.probes.close();
      await Promise.all(this.blows.flatMap(({ loads }) => loads.map((load) => load.close())));
    }
  }

  /** The rows of the run's video; stores that differ at rest are a broken promise. */
  private async rows(): Promise<{ counts: Counts; broken: readonly string[] }> {
    try {
      const counts = countsOf(await this.site.reactions(this.options.video));
      return { counts, broken: [] };
    } catch (error) {
      return { counts: countsOf(new Map()), broken: [String(error)] };
    }
  }

  private async strikeAll(): Promise<void> {
    const { faults, random, seconds } = this.plan;
    const until = performance.now() + seconds * MS_PER_SECOND;
    const deck = new Deck(faults, random.fork());
    while (performance.now() < until) {
      const blow = await this.strike(deck.draw());
      this.plan.struck(blow.struck);
      this.blows.push(blow);
      await pause(BETWEEN_FAULTS_MS);
    }
  }

  private async strike({ name, recoverWithinMs = RECOVER_MS, strike }: Fault<On>): Promise<Blow> {
    const { probes, supervisor } = this;
    const loads: SideLoad[] = [];
    const endsBefore = supervisor.ends.length;
    const brokenBefore = this.brokenEvents;
    const excessBefore = probes.excess;
    const began = performance.now();
    const since = (start: number): number => (performance.now() - start) / MS_PER_SECOND;
    const failures: string[] = [];
    // If a role does not start again, the run continues, and the table shows the failure.
    const striking = strike(this.contextFor(loads))
      .catch((error: unknown) => failures.push(`the fault failed: ${String(error)}`))
      .then(() => since(began));
    // The fault begins first, so that likes posted from here on are affected.
    await pause(BLOW_MS);
    const flows = probes.round(MAX_OUTAGE_MS + RECOVER_MS).then(() => since(began));
    const outage = await striking;
    const backFrom = performance.now();
    const isBack = await probes.round(recoverWithinMs);
    const back = since(backFrom);
    const after = await flows;
    const struck: Struck = {
      ...{ fault: name, outage, flowing: after, back, recovered: isBack },
      wrong: [...failures, ...excessIn(probes.excess - excessBefore)],
      beside: { answered: 0, unsure: 0 },
      brokenEvents: this.brokenEvents - brokenBefore,
      ends: supervisor.ends.slice(endsBefore),
    };
    return { struck, loads };
  }

  private contextFor(loads: SideLoad[]): FaultContext<On> {
    const { plan, site, supervisor } = this;
    const load: FaultContext<On>['load'] = (options) => {
      const begun = new SideLoad(site, options);
      loads.push(begun);
      begun.start();
      return begun;
    };
    return { load, site, supervisor, pick: (below) => plan.random.below(below) };
  }

  private get brokenEvents(): number {
    const { probes, run, site } = this;
    const steps = site.mayStepBack ? run.stepsBack + probes.stepsBack : 0;
    return run.brokenEvents + probes.brokenEvents - steps;
  }

  /** All faults, each with the differences of its own load at rest. */
  private async checked(): Promise<Struck[]> {
    const all: Struck[] = [];
    for (const { loads, struck } of this.blows) {
      const wrong = [...struck.wrong];
      let [answered, unsure] = [0, 0];
      for (const load of loads) {
        await load.stop();
        wrong.push(...(await load.wrong()));
        answered += load.counts.answered;
        unsure += load.counts.unsure;
      }
      all.push({ ...struck, beside: { answered, unsure }, wrong });
    }
    return all;
  }
}

function excessIn(likes: number): string[] {
  return likes > 0 ? [`${likes} likes of the probes were counted twice`] : [];
}

function loadOf<On extends ChaosSite>(
  { roles, token }: On,
  { batch, cut, random, rate, seconds, viewers }: Plan<On>,
) {
  const endpoints = (all: readonly { url: string }[]): URL[] => all.map(({ url }) => new URL(url));
  const video = `chaos-${random.entropy.secretId()}`;
  const options: Options = {
    ...{ batch, cut, rate, token, video, viewers },
    url: endpoints(roles.frontend),
    postUrl: endpoints(roles.producer),
    // The run ends it after the last fault.
    seconds: seconds + 10 * 60,
    videos: 1,
    connectRate: 500,
    doubles: 0.02,
    json: true,
    returnsWhenRefused: true,
    sourceAddresses: 0,
  };
  return options;
}
