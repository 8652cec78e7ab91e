import { stepAllClocks, stepLogClock, stepMachineClock } from './clock-faults';
import type { Crowd } from './crowd';
import type { Datacenters } from './datacenters';
import type { FaultKind, Faults } from './fault-kinds';
import { cutStores, delayPeers } from './faults-between';
import type { Link } from './link';
import { allMachines } from './machines';
import {
  blackOut,
  crashConsumer,
  haltAfterDelivery,
  haltProcess,
  healProcesses,
  killDispatcher,
  killDispatchers,
  killFrontend,
  killOneProducer,
  killProducer,
} from './process-faults';
import { MAX_COPIES } from './servers';
import { WINDOW_MS } from './window';
import type { World } from './world';

const MAX_SLOW_MS = 3_000;
const MAX_FULL_MS = 1_500;
const MAX_STANDING_MS = 3_000;

/** Calls made within this time are held, each for up to three windows. */
const MIN_HOLDING_MS = 500;
const MAX_HOLDING_MS = 3_000;
const MAX_HELD_MS = 3 * WINDOW_MS;

/** The store is blocked for about as long as owners read back, or longer. */
const MIN_ORPHAN_MS = 6_000;
const MAX_ORPHAN_MS = 10_000;
const MAX_APPEND_MS = 15;
const HELD_AROUND_MS = 800;

/** Longer than ids are young: only the store shows ids that were accepted twice meanwhile. */
const MAX_CUT_MS = 8_000;
const LINK_FAULT_EVERY = 4;

/** With several datacenters, one in so many faults is of these kinds. */
const STORES_EVERY = 8;
const FEED_EVERY = 12;
const PAIR_EVERY = 4;

/** A promoted replica has one of the newest copies. */
const PROMOTED_COPIES = 4;

interface Fault {
  readonly kind: FaultKind;
  /** Its frequency relative to the others. */
  readonly weight: number;
  readonly strike: (world: World, crowd: Crowd) => void;
}

/** The faults of one datacenter. */
const FAULTS: readonly Fault[] = [
  { kind: 'kill', weight: 2, strike: killProducer },
  { kind: 'kill', weight: 4, strike: killDispatcher },
  { kind: 'kill', weight: 2, strike: killFrontend },
  { kind: 'halt', weight: 2, strike: haltProcess },
  { kind: 'redis', weight: 2, strike: emptyDirectory },
  { kind: 'redis-older', weight: 2, strike: restoreOlder },
  { kind: 'redis-promoted', weight: 2, strike: promoteReplica },
  { kind: 'crash', weight: 2, strike: blackOut },
  { kind: 'disk', weight: 2, strike: fillDisk },
  { kind: 'viewers', weight: 4, strike: slowViewer },
  { kind: 'viewers', weight: 8, strike: cutViewer },
  { kind: 'late', weight: 4, strike: holdAppends },
  { kind: 'clocks', weight: 6, strike: stepMachineClock },
  { kind: 'log-clock', weight: 1, strike: stepLogClock },
  { kind: 'log-clock', weight: 2, strike: stepAllClocks },
  { kind: 'flood', weight: 1, strike: flood },
  { kind: 'orphan', weight: 1, strike: orphan },
  { kind: 'consumer', weight: 2, strike: crashConsumer },
  { kind: 'half', weight: 2, strike: haltAfterDelivery },
];

type LinkFault = (link: Link, all: Datacenters) => void;

const LINK_FAULTS: readonly LinkFault[] = [
  (link, all) => {
    link.cut();
    all.clock.after(all.random.below(MAX_CUT_MS), () => link.mend());
  },
  (link) => link.double(),
  (link) => link.startOver(),
];

/** Injects one fault of the kinds in `faults`, or two at the same moment. */
export function strike(all: Datacenters, crowd: Crowd, faults: Faults): void {
  strikeOnce(all, crowd, faults);
  if (faults.has('pairs') && all.random.once(PAIR_EVERY)) strikeOnce(all, crowd, faults);
}

/** Ends every fault except clock steps, which may stay. */
export function heal(all: Datacenters, crowd: Crowd): void {
  all.network.faultEvery = 0;
  for (const link of [...all.links, ...all.storeLinks]) link.mend();
  for (const world of all.worlds) {
    world.peerDelayMs = 0;
    world.halfDelivery.heal();
    world.servers.database.full = false;
    world.servers.store.open();
    for (const { held } of allMachines(world.machines)) held.release();
    healProcesses(world);
  }
  for (const viewer of crowd.viewers) viewer.setSlow(false);
}

/** The delivery time of the last append that the network holds, by the monotonic clock. */
export function lastDeliveryAt(all: Datacenters): number {
  const machines = all.worlds.flatMap((world) => allMachines(world.machines));
  return Math.max(0, ...machines.map(({ held }) => held.lastDeliveryAt));
}

function strikeOnce(all: Datacenters, crowd: Crowd, faults: Faults): void {
  const { links, random, worlds } = all;
  const mayCut = faults.has('links') && links.length > 0;
  if (mayCut && random.once(LINK_FAULT_EVERY)) {
    random.pick(LINK_FAULTS)(random.pick(links), all);
    return;
  }
  if (strikesBetween(all, crowd, faults)) return;
  const drawn = FAULTS.filter(({ kind }) => faults.has(kind)).flatMap((fault) =>
    Array.from({ length: fault.weight }, () => fault),
  );
  if (drawn.length > 0) random.pick(drawn).strike(random.pick(worlds), crowd);
}

function strikesBetween(all: Datacenters, crowd: Crowd, faults: Faults): boolean {
  const { random, storeLinks } = all;
  if (storeLinks.length === 0) return false;
  if (faults.has('stores') && random.once(STORES_EVERY)) {
    cutStores(all, crowd);
    return true;
  }
  if (faults.has('feed') && random.once(FEED_EVERY)) {
    delayPeers(all, crowd);
    return true;
  }
  return false;
}

function emptyDirectory(world: World): void {
  world.servers.empty();
}

function restoreOlder(world: World): void {
  world.servers.goBack(world.random.below(MAX_COPIES));
}

function promoteReplica(world: World): void {
  world.servers.goBack(world.random.below(PROMOTED_COPIES));
}

function fillDisk(world: World): void {
  const { database } = world.servers;
  database.full = true;
  world.clock.after(world.random.below(MAX_FULL_MS), () => {
    database.full = false;
  });
}

function slowViewer(world: World, crowd: Crowd): void {
  const viewer = world.random.pick(crowd.viewers);
  viewer.setSlow(true);
  world.clock.after(world.random.below(MAX_SLOW_MS), () => viewer.setSlow(false));
}

function cutViewer(world: World, crowd: Crowd): void {
  world.random.pick(crowd.viewers).cut();
}

// Holds the appends of a producer or, with several datacenters, of a dispatcher.
function holdAppends(world: World): void {
  const { producers, dispatchers } = world.machines;
  const writers = world.hasPeers && world.random.once(2) ? dispatchers : producers;
  const forMs = MIN_HOLDING_MS + world.random.below(MAX_HOLDING_MS - MIN_HOLDING_MS);
  world.random.pick(writers).held.hold(forMs, MAX_HELD_MS);
}

// Stores a row so late that a new owner no longer reads its record back. Copies are looked up just
// before that, and appended just after the owner has died.
function orphan(world: World, crowd: Crowd): void {
  const { clock, machines, random, servers } = world;
  const standingMs = MIN_ORPHAN_MS + random.below(MAX_ORPHAN_MS - MIN_ORPHAN_MS);
  const producer = random.pick(world.producers);
  const overMs = MAX_APPEND_MS + standingMs + HELD_AROUND_MS;
  world.faultsUntil = Math.max(world.faultsUntil, clock.monotonic() + overMs);
  crowd.sendOld(producer, standingMs);
  clock.after(random.below(MAX_APPEND_MS), () => {
    killOneProducer(world, producer);
    servers.store.shut();
    clock.after(standingMs - HELD_AROUND_MS, () => {
      for (const { held } of machines.producers) held.hold(2 * HELD_AROUND_MS, WINDOW_MS / 4);
    });
    clock.after(standingMs, () => servers.store.open());
    clock.after(standingMs + random.below(HELD_AROUND_MS), () => killDispatchers(world));
  });
}

function flood(world: World, crowd: Crowd): void {
  const { store } = world.servers;
  store.shut();
  world.clock.after(world.random.below(MAX_STANDING_MS), () => store.open());
  crowd.flood();
}
