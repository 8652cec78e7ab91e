import type { Crowd } from './crowd';
import type { Datacenters } from './datacenters';
import type { Link } from './link';
import type { SimulatedProcess } from './process';
import type { World } from './world';

const MAX_DOWN_MS = 4_000;
const MAX_STOPPED_MS = 9_000;
const MAX_SLOW_MS = 3_000;
const MAX_FULL_MS = 1_500;

/** Longer than ids are young: what was taken twice meanwhile is for the store to tell. */
const MAX_CUT_MS = 8_000;
const LINK_FAULT_EVERY = 4;

type Fault = (world: World, crowd: Crowd) => void;
type LinkFault = (link: Link, all: Datacenters) => void;

/** What can go wrong, each about as often as it is listed. */
const FAULTS: readonly Fault[] = [
  killProducer,
  killDispatcher,
  killDispatcher,
  killFrontend,
  stopAny,
  emptyDirectory,
  blackOut,
  fillDisk,
  slowViewer,
  slowViewer,
  cutViewer,
  cutViewer,
  cutViewer,
  cutViewer,
];

const LINK_FAULTS: readonly LinkFault[] = [
  (link, all) => {
    link.cut();
    all.clock.after(all.random.below(MAX_CUT_MS), () => link.mend());
  },
  (link) => link.double(),
  (link) => link.startOver(),
];

/** Lets one thing go wrong, in one datacenter or between two. */
export function strike(all: Datacenters, crowd: Crowd): void {
  const { links, random, worlds } = all;
  if (links.length > 0 && random.once(LINK_FAULT_EVERY)) {
    random.pick(LINK_FAULTS)(random.pick(links), all);
  } else random.pick(FAULTS)(random.pick(worlds), crowd);
}

/** Ends every fault: the dead are replaced, the stopped go on. */
export function heal(all: Datacenters, crowd: Crowd): void {
  all.network.faultEvery = 0;
  for (const link of all.links) link.mend();
  for (const world of all.worlds) healWorld(world);
  for (const viewer of crowd.viewers) viewer.setSlow(false);
}

function healWorld(world: World): void {
  world.servers.database.full = false;
  for (const { process } of everyone(world)) if (process.alive) process.resume();
  for (const at of world.producers.keys()) reviveProducer(world, at);
  for (const at of world.dispatchers.keys()) reviveDispatcher(world, at);
  for (const at of world.frontends.keys()) reviveFrontend(world, at);
}

function killProducer(world: World): void {
  const at = world.random.below(world.producers.length);
  world.producers[at]?.process.kill();
  world.clock.after(world.random.below(MAX_DOWN_MS), () => reviveProducer(world, at));
}

function killDispatcher(world: World): void {
  const at = world.random.below(world.dispatchers.length);
  world.dispatchers[at]?.process.kill();
  world.clock.after(world.random.below(MAX_DOWN_MS), () => reviveDispatcher(world, at));
}

function killFrontend(world: World): void {
  const at = world.random.below(world.frontends.length);
  kill(world, at);
  world.clock.after(world.random.below(MAX_DOWN_MS), () => reviveFrontend(world, at));
}

// Longer than a session: a dispatcher that wakes up is a zombie whose partitions others own.
function stopAny(world: World): void {
  const { process } = world.random.pick(everyone(world));
  process.stop();
  world.clock.after(world.random.below(MAX_STOPPED_MS), () => process.resume());
}

function emptyDirectory(world: World): void {
  world.servers.empty();
}

function blackOut(world: World): void {
  for (const { process } of everyone(world)) process.kill();
  for (const at of world.frontends.keys()) kill(world, at);
  world.servers.crash();
  world.clock.after(world.random.below(MAX_DOWN_MS), () => {
    for (const at of world.producers.keys()) reviveProducer(world, at);
    for (const at of world.dispatchers.keys()) reviveDispatcher(world, at);
    for (const at of world.frontends.keys()) reviveFrontend(world, at);
  });
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

function kill(world: World, frontend: number): void {
  world.frontends[frontend]?.process.kill();
  world.frontends[frontend]?.sockets.cutAll();
}

function everyone(world: World): { readonly process: SimulatedProcess }[] {
  return [...world.producers, ...world.dispatchers, ...world.frontends];
}

function reviveProducer(world: World, at: number): void {
  if (!world.producers[at]?.process.alive) world.producers[at] = world.buildProducer();
}

function reviveDispatcher(world: World, at: number): void {
  if (!world.dispatchers[at]?.process.alive) world.dispatchers[at] = world.buildDispatcher();
}

function reviveFrontend(world: World, at: number): void {
  if (!world.frontends[at]?.process.alive) world.frontends[at] = world.buildFrontend();
}
