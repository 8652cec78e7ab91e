/** A running process tree. */
export interface RunningApp {
  /** 0 without a public server. */
  readonly publicPort: number;
  readonly adminPort: number;
  /** Sends viewers the time of their reconnect, completes running work, and frees everything. */
  stop(): Promise<void>;
}

/** The started parts of a process, which end in reverse order at a shutdown or a failed start. */
export class ShutdownStack {
  private readonly ends: (() => void | Promise<void>)[] = [];
  private hasBegun = false;

  /** Whether the process ends. */
  get isEnding(): boolean {
    return this.hasBegun;
  }

  /** Adds the function that ends the part started last. */
  add(run: () => void | Promise<void>): void {
    this.ends.push(run);
  }

  async end(): Promise<void> {
    this.hasBegun = true;
    for (let end = this.ends.pop(); end; end = this.ends.pop()) await end();
  }
}
