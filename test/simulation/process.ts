import type { Clock, Timer } from '../../runtime/clock';

/**
 * A simulated process. All calls of its code (timers, answers, callbacks) pass through here, so it
 * can be killed, after which none of it runs, or stopped as by SIGSTOP.
 */
export class SimulatedProcess {
  alive = true;
  private stopped = false;
  private held: (() => void)[] = [];
  readonly clock: Clock;

  constructor(
    readonly name: string,
    clock: Clock,
  ) {
    this.clock = {
      now: () => clock.now(),
      monotonic: () => clock.monotonic(),
      cpu: () => clock.cpu(),
      after: (ms, task): Timer => clock.after(ms, () => this.enter(task)),
    };
  }

  kill(): void {
    this.alive = false;
    this.held = [];
  }

  stop(): void {
    this.stopped = true;
  }

  resume(): void {
    this.stopped = false;
    const held = this.held;
    this.held = [];
    for (const task of held) this.enter(task);
  }

  /** Runs a task in this process: never if it is dead, and later if it is stopped. */
  enter(task: () => void): void {
    if (!this.alive) return;
    if (this.stopped) this.held.push(task);
    else task();
  }

  /** Whether it is alive and not stopped. */
  get runs(): boolean {
    return this.alive && !this.stopped;
  }

  /** Resolves with the result of a task in this process; never resolves if it dies before. */
  within<T>(task: () => T | Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.enter(() => {
        Promise.resolve().then(task).then(resolve, reject);
      });
    });
  }

  /** A promise for this process; it never resolves after the process died. */
  hear<T>(answer: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      answer.then(
        (value) => this.enter(() => resolve(value)),
        (error) => this.enter(() => reject(error)),
      );
    });
  }

  /** An outside object for this process: its answers and callbacks pass through `enter`. */
  outside<T extends object>(target: T): T {
    return new Proxy(target, {
      get: (of, name) => {
        const member = Reflect.get(of, name);
        if (typeof member !== 'function') return member;
        return (...args: unknown[]) => {
          if (!this.alive) throw new Error(`${this.name} is dead`);
          const result = Reflect.apply(
            member,
            of,
            args.map((arg) => this.callback(arg)),
          );
          return result instanceof Promise ? this.hear(result) : result;
        };
      },
    });
  }

  private callback(arg: unknown): unknown {
    if (typeof arg !== 'function') return arg;
    return (...args: unknown[]) => this.enter(() => Reflect.apply(arg, undefined, args));
  }
}
