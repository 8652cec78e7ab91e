import type { Clock, Timer } from '../../runtime/clock';

const EPOCH_MS = 1_700_000_000_000;

/** The CPU time of one reading, so that flushes are cut into slices in the simulation, too. */
const CPU_STEP_MS = 0.5;

/** Tasks in one turn of the event loop: a turn costs more than most tasks do. */
const TASKS_A_TURN = 64;

interface Due {
  readonly at: number;
  readonly order: number;
  readonly task: () => void;
  cancelled: boolean;
}

/** A clock that a test advances; tasks of the same time run in the order of their calls. */
export class VirtualClock implements Clock {
  private time = EPOCH_MS;
  private cpuMs = 0;
  private orders = 0;
  private readonly heap: Due[] = [];

  now(): number {
    return this.time;
  }

  /** Starts at 0, so that a mistaken use of `now()` shows. */
  monotonic(): number {
    return this.time - EPOCH_MS;
  }

  cpu(): number {
    this.cpuMs += CPU_STEP_MS;
    return this.cpuMs;
  }

  after(ms: number, task: () => void): Timer {
    const due = {
      at: this.time + Math.max(ms, 0),
      order: this.orders++,
      task,
      cancelled: false,
    };
    this.push(due);
    return {
      cancel: () => {
        due.cancelled = true;
      },
    };
  }

  /** Runs all tasks that are due within `ms`, each with the promises that it resolves. */
  advance(ms: number): Promise<void> {
    const end = this.time + ms;
    return new Promise((resolve, reject) => {
      let isOver = false;
      const run = (isLast: boolean): void => {
        if (isOver) return;
        try {
          isOver = !this.runNext(end);
          if (isOver) resolve();
          else if (isLast) scheduleTurn(run);
        } catch (error) {
          isOver = true;
          reject(error);
        }
      };
      scheduleTurn(run);
    });
  }

  /** Runs the next task that falls due by `end`. If there is none, goes to `end`; returns false. */
  private runNext(end: number): boolean {
    for (let next = this.heap[0]; next && next.at <= end; next = this.heap[0]) {
      this.pop();
      if (next.cancelled) continue;
      this.time = Math.max(this.time, next.at);
      next.task();
      return true;
    }
    this.time = end;
    return false;
  }

  private push(due: Due): void {
    const { heap } = this;
    let at = heap.push(due) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (isBefore(heap[parent], due)) break;
      heap[at] = heap[parent] as Due;
      at = parent;
    }
    heap[at] = due;
  }

  private pop(): void {
    const { heap } = this;
    const last = heap.pop();
    if (!last || heap.length === 0) return;
    let at = 0;
    for (;;) {
      const left = 2 * at + 1;
      const child = isBefore(heap[left + 1], heap[left]) ? left + 1 : left;
      const below = heap[child];
      if (!below || isBefore(last, below)) break;
      heap[at] = below;
      at = child;
    }
    heap[at] = last;
  }
}

function isBefore(one: Due | undefined, other: Due | undefined): boolean {
  if (!one || !other) return one !== undefined;
  return one.at < other.at || (one.at === other.at && one.order < other.order);
}

// Between two immediates, Node runs the callbacks of all resolved promises.
function scheduleTurn(run: (isLast: boolean) => void): void {
  for (let task = 1; task <= TASKS_A_TURN; task++) setImmediate(run, task === TASKS_A_TURN);
}
