import type { Clock } from '../../runtime/clock';
import { HeldCalls } from './held-calls';
import { MachineClock } from './machine-clock';
import type { Seeded } from './seeded';

/** Without steps, wall clocks are wrong by at most this, in either direction. */
const MAX_CLOCK_OFFSET_MS = 200;

/** A machine; it stays the same when its process restarts. */
export interface Machine {
  readonly clock: MachineClock;
  /** Its network connection to the log. */
  readonly held: HeldCalls;
}

/** The machines of a datacenter, by role, in the order of its processes. */
export interface Machines {
  readonly producers: readonly Machine[];
  readonly dispatchers: readonly Machine[];
  readonly frontends: readonly Machine[];
}

/** Two machines for producers, three for dispatchers, three for frontends. */
export function buildMachines(clock: Clock, random: Seeded): Machines {
  return {
    producers: build(2, clock, random),
    dispatchers: build(3, clock, random),
    frontends: build(3, clock, random),
  };
}

/** The machines of all roles. */
export function allMachines(machines: Machines): Machine[] {
  return [...machines.producers, ...machines.dispatchers, ...machines.frontends];
}

function build(count: number, clock: Clock, random: Seeded): Machine[] {
  return Array.from({ length: count }, () => {
    const offset = random.below(2 * MAX_CLOCK_OFFSET_MS) - MAX_CLOCK_OFFSET_MS;
    return {
      clock: new MachineClock(clock, offset),
      held: new HeldCalls(clock, random.fork()),
    };
  });
}
