import { EmbeddedLeases } from '../../../adapters/embedded/leases';
import { Dispatcher } from '../../../dispatchers/dispatcher';
import { LiveWorkers } from '../../../dispatchers/workers/live-workers';
import { Metrics } from '../../../runtime/metrics';
import { DedupeWindow } from '../../../schemas/dedupe-window';
import { RENEW_MS } from '../../../schemas/delivery';
import { EventTypes } from '../../../schemas/event-types';
import { likes } from '../../../schemas/likes';
import { VirtualClock } from '../../../test/simulation/virtual-clock';
import { LikesLog } from './likes-log';
import { AllWatch, EncodingGateway, MemorySource, MemoryStates, NoRows } from './owner-parts';

const WINDOW_MS = 120_000;
/** One fetch from each partition in this time. */
const TICK_MS = 50;
const ORIGIN = 'dc1.1';
const US_PER_SECOND = 1_000_000;
const MS_PER_SECOND = 1_000;

/** What the dispatcher reads. */
export interface OwnerAsked {
  readonly likesPerSecond: number;
  readonly videos: number;
  readonly frontends: number;
  readonly likesARecord: number;
  /** Parts of the second retention that are measured one by one. */
  readonly parts: number;
}

/** What it used. */
export interface OwnerFigures {
  /** Likes for each second of CPU time, of each part. */
  readonly likesPerCpuSecond: readonly number[];
  readonly likes: number;
  /** The log's time, s. */
  readonly logSeconds: number;
  /** Deliveries a second of log time, and the updates in them. */
  readonly deliveriesPerSecond: number;
  readonly updatesPerSecond: number;
  /** Ids that were looked up in the store. */
  readonly lookUps: number;
  readonly failures: readonly string[];
}

/**
 * One dispatcher on a log, stores and frontends in memory, on a clock that follows the log. Ids are
 * remembered for 1.25 windows: it reads the log for this time, and is measured while it reads as
 * much again, so that each id that is remembered is forgotten once. CPU time is that of the whole
 * process while records are consumed, delivered and saved, without the time to make the log.
 */
export async function runOwner(asked: OwnerAsked): Promise<OwnerFigures> {
  const { clock, directory, failures, gateway, leases, names, rows, source } = await start(asked);
  const log = new LikesLog({ ...asked, producers: 2, unconfirmed: 500 });
  const retentionMs = new DedupeWindow(WINDOW_MS).retentionMs;
  let [cpuUs, renewedAt, beat] = [0, 0, 0];
  const run = async (ms: number): Promise<number> => {
    const before = { cpuUs, likes: log.likes };
    for (const end = clock.monotonic() + ms; clock.monotonic() < end; ) {
      if (clock.monotonic() >= renewedAt) {
        beat++;
        renewedAt = clock.monotonic() + RENEW_MS;
        for (const id of names) await leases.renew({ id, url: `http://${id}` }, beat);
      }
      const records = log.next(TICK_MS, clock.now());
      const from = process.cpuUsage();
      await source.consume(records);
      await clock.advance(TICK_MS);
      const { system, user } = process.cpuUsage(from);
      cpuUs += system + user;
    }
    return ((log.likes - before.likes) * US_PER_SECOND) / (cpuUs - before.cpuUs);
  };
  await run(retentionMs);
  directory.isWatched = true;
  const likesPerCpuSecond: number[] = [];
  const [deliveries, updates] = [gateway.deliveries, gateway.updates];
  for (let part = 0; part < asked.parts; part++) {
    likesPerCpuSecond.push(await run(retentionMs / asked.parts));
  }
  const seconds = retentionMs / MS_PER_SECOND;
  return {
    likesPerCpuSecond,
    likes: log.likes,
    logSeconds: clock.monotonic() / MS_PER_SECOND,
    deliveriesPerSecond: (gateway.deliveries - deliveries) / seconds,
    updatesPerSecond: (gateway.updates - updates) / seconds,
    lookUps: rows.lookUps,
    failures: [...failures],
  };
}

async function start({ frontends }: OwnerAsked) {
  const names = Array.from({ length: frontends }, (_, at) => `frontend-${at}`);
  const [clock, types] = [new VirtualClock(), new EventTypes([likes])];
  const [source, rows, leases] = [new MemorySource(), new NoRows(), new EmbeddedLeases()];
  const [gateway, directory] = [new EncodingGateway(clock), new AllWatch(names)];
  const failures = new Set<string>();
  const failed = (doing: string, error: unknown) => void failures.add(`${doing}: ${error}`);
  const workers = new LiveWorkers({ directory, leases, clock, removesDead: true, failed });
  const cache = { put: async () => undefined, get: async () => new Map() };
  const dispatcher = new Dispatcher({
    ...{ types, clock, leases, workers, cache, gateway, failed, origin: ORIGIN },
    sourceOf: () => source,
    rowsOf: () => rows,
    states: new MemoryStates(),
    directory,
    dedupe: new DedupeWindow(WINDOW_MS),
    secret: 'secret',
    measures: new Metrics(),
  });
  workers.start();
  await dispatcher.start();
  return { clock, directory, failures, gateway, leases, names, rows, source };
}
