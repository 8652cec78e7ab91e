/** A process tree that runs. */
export interface RunningApp {
  /** 0 where there is no public door. */
  readonly publicPort: number;
  readonly adminPort: number;
  /** Tells viewers when to come back, finishes what is under way, and lets go of everything. */
  stop(): Promise<void>;
}

/** What has been shutdown, in order: undone from the end when a later step fails, or at the end. */
export class ShutdownStack {
  private readonly ends: (() => void | Promise<void>)[] = [];

  /** Notes how to end what was shutdown just now. */
  add(run: () => void | Promise<void>): void {
    this.ends.push(run);
  }

  async end(): Promise<void> {
    for (let end = this.ends.pop(); end; end = this.ends.pop()) await end();
  }
}
