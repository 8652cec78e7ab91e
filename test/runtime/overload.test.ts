import {
  BUSY,
  DECIDE_MS,
  FIRST_UNITS,
  LEAST_UNITS,
  LEAST_WRITES,
  LONG_WAIT_MS,
  MOST_UNITS,
  Overload,
  SHORT_WAIT_MS,
  unitsOf,
} from '../../runtime/overload';
import { VirtualClock } from '../simulation/virtual-clock';
import { timersOf } from './timers';

let clock: ReturnType<typeof timersOf>;
let utilization: number;
let refused: number;
let overload: Overload;
beforeEach(() => {
  clock = timersOf(new VirtualClock());
  utilization = 1;
  refused = 0;
  overload = new Overload({ clock, utilization: () => utilization, refused: () => refused++ });
});
afterEach(() => overload.close());

function enter(count: number, units = 1): number {
  let entered = 0;
  for (let at = 0; at < count; at++) if (overload.enter(units)) entered++;
  return entered;
}

/** Until the next decision so many units are answered, and others take their places. */
async function answered(units: number): Promise<void> {
  overload.leave(units);
  overload.enter(units);
  await clock.advance(DECIDE_MS);
}

/** A wait of this time, by what is in flight and what is answered between two decisions. */
function waits(ms: number, inFlight: number): Promise<void> {
  return answered((inFlight * DECIDE_MS) / ms);
}

/** Writes that are in flight at a decision, which says nothing of their wait. */
async function beginWith(units: number): Promise<void> {
  enter(units);
  overload.unfinished = () => units;
  await clock.advance(DECIDE_MS);
  overload.unfinished = () => 0;
}

async function idleWith(units: number): Promise<void> {
  utilization = 0;
  enter(units);
  await clock.advance(10 * DECIDE_MS);
  utilization = 1;
}

describe('the writes in flight of a process', () => {
  it('are bounded at first', () => {
    expect(enter(FIRST_UNITS + 1)).toBe(FIRST_UNITS);
    expect(refused).toBe(1);
  });

  it('are bounded by their units', () => {
    expect(enter(FIRST_UNITS, 4)).toBe(FIRST_UNITS / 4);
  });

  it('are as many as a proxy has connections, however long they are', () => {
    expect(enter(LEAST_WRITES + 1, FIRST_UNITS)).toBe(LEAST_WRITES);
    overload.leave(FIRST_UNITS);
    expect(enter(2, FIRST_UNITS)).toBe(1);
  });

  it('are bounded even if the process is idle', async () => {
    await idleWith(FIRST_UNITS);
    for (let round = 0; round < 20; round++) {
      utilization = 0;
      enter(MOST_UNITS);
      await clock.advance(DECIDE_MS);
    }
    expect(overload.allowed).toBe(MOST_UNITS);
  });
});

describe('the writes that may be in flight', () => {
  it('are fewer while they wait long for a busy event loop, but not fewer than some', async () => {
    await beginWith(FIRST_UNITS);
    expect(overload.allowed).toBe(FIRST_UNITS);
    await waits(2 * LONG_WAIT_MS, FIRST_UNITS);
    expect(overload.allowed).toBeLessThan(FIRST_UNITS);
    expect(overload.enter(1)).toBe(false);
    for (let round = 0; round < 20; round++) await clock.advance(DECIDE_MS);
    expect(overload.allowed).toBe(LEAST_UNITS);
  });

  it('are not fewer while they wait for a log or a store', async () => {
    utilization = BUSY / 2;
    enter(FIRST_UNITS);
    await waits(20 * LONG_WAIT_MS, FIRST_UNITS);
    expect(overload.allowed).toBeGreaterThan(FIRST_UNITS);
    expect(overload.enter(1)).toBe(true);
  });

  it('are not fewer after a burst that has only begun', async () => {
    await beginWith(LEAST_UNITS);
    for (let round = 0; round < 10; round++) {
      enter(FIRST_UNITS);
      await answered(1);
      overload.leave(FIRST_UNITS);
      await clock.advance(DECIDE_MS);
    }
    expect(overload.allowed).toBeGreaterThanOrEqual(FIRST_UNITS);
  });

  it('are more again when they wait shortly and what is allowed is used', async () => {
    enter(FIRST_UNITS);
    await waits(SHORT_WAIT_MS / 2, FIRST_UNITS);
    expect(overload.allowed).toBeGreaterThan(FIRST_UNITS);
  });

  it('are not more while few are in flight', async () => {
    enter(FIRST_UNITS / 4);
    await waits(SHORT_WAIT_MS / 2, FIRST_UNITS / 4);
    expect(overload.allowed).toBe(FIRST_UNITS);
  });

  it('are as many as before while they wait neither shortly nor long', async () => {
    await beginWith(FIRST_UNITS);
    await waits((SHORT_WAIT_MS + LONG_WAIT_MS) / 2, FIRST_UNITS);
    expect(overload.allowed).toBe(FIRST_UNITS);
  });

  it('leave room for others while their bodies arrive slowly', async () => {
    enter(FIRST_UNITS);
    overload.unfinished = () => FIRST_UNITS;
    await clock.advance(DECIDE_MS);
    expect(overload.allowed).toBe(FIRST_UNITS);
    expect(enter(FIRST_UNITS)).toBe(FIRST_UNITS);
  });

  it('are measured only while there are some', async () => {
    enter(1);
    expect(clock.running).toBe(1);
    overload.leave(1);
    await clock.advance(2 * DECIDE_MS);
    expect(clock.running).toBe(0);
  });
});

describe('the units of a request', () => {
  it('grow with the length of its body', () => {
    expect(unitsOf({ headers: { 'content-length': '0' } })).toBe(1);
    expect(unitsOf({ headers: { 'content-length': '640' } })).toBe(11);
  });

  it('are few if its length is unknown, and one if it has no body', () => {
    expect(unitsOf({ headers: {} })).toBe(1);
    expect(unitsOf({ headers: { 'transfer-encoding': 'chunked' } })).toBe(4);
    expect(unitsOf({ headers: { 'content-length': '9', 'content-encoding': 'gzip' } })).toBe(4);
  });

  it('are those of the largest body if it is too large', () => {
    expect(unitsOf({ headers: { 'content-length': '999999999' } })).toBe(257);
  });
});
