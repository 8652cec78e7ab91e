import type { SimulatedProcess } from './process';
import type { Front, Producer } from './site';
import type { World } from './world';

const MAX_DOWN_MS = 4_000;
const MAX_STOPPED_MS = 9_000;
const MAX_CRASHED_MS = 9_000;

/** Kills a producer and starts another one in its place. */
export function killProducer(world: World): void {
  killOneProducer(world, world.random.pick(world.producers));
}

/** Kills this producer and starts another one in its place. */
export function killOneProducer(world: World, producer: Producer): void {
  const at = world.producers.indexOf(producer);
  producer.process.kill();
  world.clock.after(world.random.below(MAX_DOWN_MS), () => reviveProducer(world, at));
}

/** Kills a dispatcher and starts another one in its place. */
export function killDispatcher(world: World): void {
  const at = world.random.below(world.dispatchers.length);
  world.dispatchers[at]?.process.kill();
  world.clock.after(world.random.below(MAX_DOWN_MS), () => reviveDispatcher(world, at));
}

/** Kills every dispatcher at once, and starts others in their place. */
export function killDispatchers(world: World): void {
  for (const at of world.dispatchers.keys()) {
    world.dispatchers[at]?.process.kill();
    world.clock.after(world.random.below(MAX_DOWN_MS), () => reviveDispatcher(world, at));
  }
}

/**
 * Kills a frontend with all its connections and starts another one in its place. Returns the killed
 * one.
 */
export function killFrontend(world: World): Front {
  const killed = world.random.pick(world.frontends);
  const at = world.frontends.indexOf(killed);
  kill(world, at);
  world.clock.after(world.random.below(MAX_DOWN_MS), () => reviveFrontend(world, at));
  return killed;
}

/**
 * Stops a process for longer than a session. A dispatcher that resumes is a zombie: others own its
 * partitions.
 */
export function haltProcess(world: World): void {
  const { process } = world.random.pick(everyone(world));
  process.stop();
  world.clock.after(world.random.below(MAX_STOPPED_MS), () => process.resume());
}

/** Halts the dispatcher whose delivery arrives next; its other deliveries are lost. */
export function haltAfterDelivery(world: World): void {
  world.halfDelivery.arm(world.random.below(MAX_STOPPED_MS));
}

/**
 * A dispatcher's consumer of one type stops reading, with or without heartbeats; its process runs
 * on, and its other consumers read.
 */
export function crashConsumer(world: World): void {
  const { consumers } = world.random.pick(world.dispatchers);
  const consumer = world.random.pick([...consumers.values()]);
  consumer.crash(world.random.once(2));
  world.clock.after(world.random.below(MAX_CRASHED_MS), () => consumer.restart());
}

/** The whole datacenter goes down, and comes up again. */
export function blackOut(world: World): void {
  killAll(world);
  world.servers.crash();
  world.clock.after(world.random.below(MAX_DOWN_MS), () => reviveAll(world));
}

/** Kills every process. */
export function killAll(world: World): void {
  for (const { process } of everyone(world)) process.kill();
  for (const at of world.frontends.keys()) kill(world, at);
}

/** Replaces each dead process by a new one. */
export function reviveAll(world: World): void {
  reviveProducers(world);
  for (const at of world.dispatchers.keys()) reviveDispatcher(world, at);
  for (const at of world.frontends.keys()) reviveFrontend(world, at);
}

/** Replaces each dead producer by a new one. */
export function reviveProducers(world: World): void {
  for (const at of world.producers.keys()) reviveProducer(world, at);
}

/** Replaces dead processes, resumes stopped ones, and restarts crashed consumers. */
export function healProcesses(world: World): void {
  for (const { process } of everyone(world)) if (process.alive) process.resume();
  for (const { consumers } of world.dispatchers) {
    for (const consumer of consumers.values()) consumer.restart();
  }
  reviveAll(world);
}

function kill(world: World, frontend: number): void {
  world.frontends[frontend]?.process.kill();
  world.frontends[frontend]?.sockets.cutAll();
}

function everyone(world: World): { readonly process: SimulatedProcess }[] {
  return [...world.producers, ...world.dispatchers, ...world.frontends];
}

function reviveProducer(world: World, at: number): void {
  const machine = world.machines.producers[at];
  if (!machine || world.producers[at]?.process.alive) return;
  world.producers[at] = world.buildProducer(machine);
}

function reviveDispatcher(world: World, at: number): void {
  const machine = world.machines.dispatchers[at];
  if (!machine || world.dispatchers[at]?.process.alive) return;
  world.dispatchers[at] = world.buildDispatcher(machine);
}

function reviveFrontend(world: World, at: number): void {
  const machine = world.machines.frontends[at];
  if (!machine || world.frontends[at]?.process.alive) return;
  world.frontends[at] = world.buildFrontend(machine);
}
