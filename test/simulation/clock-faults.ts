import type { Crowd } from './crowd';
import { drawStep, type MachineClock } from './machine-clock';
import { allMachines } from './machines';
import type { World } from './world';

/** Half of the steps are taken back within this time. */
const MAX_WRONG_MS = 2_000;

/** One step of a producer's clock in so many goes to the very time of an id from the future. */
const STEP_TO_ID_EVERY = 3;

/** Steps the wall clock of any machine. */
export function stepMachineClock(world: World, crowd: Crowd): void {
  const { random } = world;
  const { clock } = random.pick(allMachines(world.machines));
  step(world, clock, drawStep(random));
  const ahead = random.once(STEP_TO_ID_EVERY) && crowd.pickFutureMs();
  if (ahead === false || ahead === undefined) return;
  step(world, random.pick(world.machines.producers).clock, ahead);
  crowd.repeatFuture();
}

/** Steps the clock of the machine that dates what is appended. */
export function stepLogClock(world: World): void {
  step(world, world.servers.clock, drawStep(world.random));
}

function step(world: World, clock: MachineClock, ms: number): void {
  clock.step(ms);
  if (!world.random.once(2)) return;
  world.clock.after(world.random.below(MAX_WRONG_MS), () => clock.step(0));
}
