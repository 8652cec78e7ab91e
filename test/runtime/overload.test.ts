import type { Clock } from '../../runtime/clock';
import {
  LEAST_IN_FLIGHT,
  LONG_TURN_MS,
  MOST_IN_FLIGHT,
  Overload,
  REFUSAL_MS,
} from '../../runtime/overload';
import { VirtualClock } from '../simulation/virtual-clock';

/** A clock whose timers run late, as those of a busy event loop. */
class BusyClock implements Pick<Clock, 'monotonic' | 'after'> {
  lateMs = 0;
  timers = 0;
  private readonly inner = new VirtualClock();

  now = () => this.inner.now();
  cpu = () => 0;
  monotonic = () => this.inner.monotonic();

  after(ms: number, task: () => void) {
    this.timers++;
    const timer = this.inner.after(ms + this.lateMs, () => {
      this.timers--;
      task();
    });
    return timer;
  }

  advance(ms: number): Promise<void> {
    return this.inner.advance(ms);
  }
}

let clock: BusyClock;
let refused: number;
let overload: Overload;
beforeEach(() => {
  clock = new BusyClock();
  refused = 0;
  overload = new Overload(clock, () => refused++);
});
afterEach(() => overload.close());

function enter(count: number): number {
  let entered = 0;
  for (let at = 0; at < count; at++) if (overload.enter()) entered++;
  return entered;
}

function leave(count: number): void {
  for (let at = 0; at < count; at++) overload.leave();
}

async function decide(lateMs: number): Promise<void> {
  clock.lateMs = lateMs;
  await clock.advance(10 * (20 + lateMs));
}

describe('the writes in flight of a process', () => {
  it('are bounded even if it is idle', () => {
    expect(enter(MOST_IN_FLIGHT + 1)).toBe(MOST_IN_FLIGHT);
    expect(refused).toBe(1);
  });

  it('are fewer after long turns of the event loop, but never fewer than some', async () => {
    enter(1_000);
    await decide(2 * LONG_TURN_MS);
    expect(overload.allowed).toBeLessThan(1_000);
    expect(overload.enter()).toBe(false);
    for (let round = 0; round < 20; round++) await decide(2 * LONG_TURN_MS);
    expect(overload.allowed).toBe(LEAST_IN_FLIGHT);
  });

  it('are more again when turns are short and all that are allowed were in flight', async () => {
    enter(1_000);
    for (let round = 0; round < 10; round++) await decide(2 * LONG_TURN_MS);
    const before = overload.allowed;
    await decide(0);
    expect(overload.allowed).toBeGreaterThan(before);
  });

  it('are not more while fewer are in flight', async () => {
    enter(1_000);
    for (let round = 0; round < 10; round++) await decide(2 * LONG_TURN_MS);
    leave(990);
    await decide(0);
    const before = overload.allowed;
    await decide(0);
    expect(overload.allowed).toBe(before);
  });

  it('are refused later, some in each turn', async () => {
    let answered = 0;
    for (let at = 0; at < 250; at++) overload.refuse(() => answered++);
    await clock.advance(REFUSAL_MS - 1);
    expect(answered).toBe(0);
    await clock.advance(10);
    expect(answered).toBe(250);
    expect(clock.timers).toBe(0);
  });

  it('are measured only while there are some', async () => {
    enter(1);
    expect(clock.timers).toBe(1);
    leave(1);
    await decide(0);
    expect(clock.timers).toBe(0);
  });
});
