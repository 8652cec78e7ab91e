import { type Flush, Flusher } from '../../../frontends/channels/flusher';
import type { Clock } from '../../../runtime/clock';
import { VirtualClock } from '../../simulation/virtual-clock';

/** The share of a core that flushes may use. */
export const SHARE = 0.5;

export interface Room {
  readonly name: string;
  nextFlushAt: number;
  /** The cost of one flush, CPU milliseconds. */
  cost: number;
  /** How long what its viewers were sent waits, ms. */
  lag: number;
}

/** A flusher on a clock whose CPU meter advances only while a flush works. */
export function flushing(leastWindowMs = 0) {
  const clock = new VirtualClock();
  const work: { room: string; at: number; ms: number; done: boolean }[] = [];
  const begun: { room: string; at: number }[] = [];
  let cpu = 0;
  const metered: Clock = {
    now: () => clock.now(),
    monotonic: () => clock.monotonic(),
    cpu: () => cpu,
    after: (ms, task) => clock.after(ms, task),
  };
  const start = clock.now();
  const begin = (room: Room): Flush => {
    begun.push({ room: room.name, at: clock.now() - start });
    let left = room.cost;
    return (ms) => {
      const spent = Math.min(ms, left);
      left -= spent;
      cpu += spent;
      work.push({ room: room.name, at: clock.now() - start, ms, done: left === 0 });
      return left === 0;
    };
  };
  const limits = { share: SHARE, leastWindowMs };
  const flusher = new Flusher<Room>(metered, begin, limits, ({ lag }) => lag);
  const room = (name: string, cost: number): Room => ({
    ...{ name, cost, lag: 0, nextFlushAt: 0 },
  });
  return { begun, clock, flusher, room, work };
}
