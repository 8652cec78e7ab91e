import type { Crowd } from './crowd';
import { drawStep, type MachineClock } from './machine-clock';
import { allMachines } from './machines';
import type { World } from './world';

/** Half of the steps are undone within this time. */
const MAX_WRONG_MS = 2_000;

/** One in this many steps sets the clock to an id's own time, and sends that id again. */
const STEP_TO_ID_EVERY = 3;

/** Steps the wall clock of any machine. */
export function stepMachineClock(world: World, crowd: Crowd): void {
  const { random } = world;
  if (random.once(STEP_TO_ID_EVERY)) {
    stepToId(world, crowd, [random.pick(world.machines.producers).clock]);
  } else step(world, [random.pick(allMachines(world.machines)).clock], drawStep(random));
}

/** Steps the log's clock, which sets append times. */
export function stepLogClock(world: World): void {
  step(world, [world.servers.clock], drawStep(world.random));
}

/** Steps all clocks of a datacenter together, like a wrong time server. */
export function stepAllClocks(world: World, crowd: Crowd): void {
  const clocks = allMachines(world.machines).map(({ clock }) => clock);
  const all = [...clocks, world.servers.clock];
  if (world.random.once(STEP_TO_ID_EVERY)) stepToId(world, crowd, all);
  else step(world, all, drawStep(world.random));
}

// At the id's own time by these clocks, the id is young again.
function stepToId(world: World, crowd: Crowd, clocks: readonly MachineClock[]): void {
  const like = crowd.pickTimed();
  if (!like) return;
  step(world, clocks, like.at - Math.floor(world.clock.now()));
  crowd.repeat(like);
}

function step(world: World, clocks: readonly MachineClock[], ms: number): void {
  for (const clock of clocks) clock.step(ms);
  if (!world.random.once(2)) return;
  world.clock.after(world.random.below(MAX_WRONG_MS), () => {
    for (const clock of clocks) clock.step(0);
  });
}
