import { randomBytes } from 'node:crypto';
import type { VirtualClock } from '../simulation/virtual-clock';

const STEP_MS = 20;
const MAX_WAIT_MS = 20_000;

/** Time in a contract test: real time for real servers, or a virtual clock. */
export interface Time {
  /** The outcome of `work`, while time advances. */
  finish<T>(work: Promise<T>): Promise<T>;
  /** Lets `ms` pass. */
  pass(ms: number): Promise<void>;
  /** Resolves once `check` no longer throws; rejects with its last error after a time-out. */
  eventually(check: () => void | Promise<void>, withinMs?: number): Promise<void>;
}

/** Real time. */
export const realTime: Time = {
  finish: (work) => work,
  pass: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  eventually: (check, withinMs) => eventually(realTime, check, withinMs),
};

/** Virtual time, which advances only while a test waits. */
export function virtualTime(clock: VirtualClock): Time {
  const time: Time = {
    async finish(work) {
      let isOver = false;
      const over = () => {
        isOver = true;
      };
      work.then(over, over);
      for (let waited = 0; !isOver && waited < MAX_WAIT_MS; waited += STEP_MS) {
        await clock.advance(STEP_MS);
      }
      if (!isOver) throw new Error(`not finished after ${MAX_WAIT_MS} ms`);
      return work;
    },
    pass: (ms) => clock.advance(ms),
    eventually: (check, withinMs) => eventually(time, check, withinMs),
  };
  return time;
}

async function eventually(
  time: Time,
  check: () => void | Promise<void>,
  withinMs = MAX_WAIT_MS,
): Promise<void> {
  for (let waited = 0; ; waited += STEP_MS) {
    try {
      await check();
      return;
    } catch (error) {
      if (waited >= withinMs) throw error;
    }
    await time.pass(STEP_MS);
  }
}

/** An unused name: real servers are not emptied between tests. */
export function freshId(prefix = 'test'): string {
  return `${prefix}-${randomBytes(8).toString('hex')}`;
}

/** An unused channel. */
export function freshChannel(): string {
  return `video:${freshId()}`;
}
