import type { FactReader } from '../adapters/fact-store';
import { type Clock, every, type Timer } from '../runtime/clock';
import { FACT, type FactList, type Facts, slowModesIn } from '../schemas/facts';

/** A worker reads from its primary, which reads from the store: together well within a second. */
export const FACTS_READ_MS = 300;

export interface FactWatchOptions {
  readonly store: FactReader;
  readonly clock: Clock;
  /**
   * Reports a read that failed again; the facts stay as they were. The first failure is none to
   * report: a primary that ends with its workers answers no read that is on its way.
   */
  readonly failed: (doing: string, error: unknown) => void;
}

/** Reads regularly which facts hold. */
export class FactWatch implements Facts {
  private newest: FactList | undefined;
  private names: ReadonlySet<string> = new Set();
  private slowModes: ReadonlyMap<string, number> = new Map();
  private reads: Timer | undefined;
  private changed: (() => void) | undefined;
  private hasFailed = false;

  constructor(private readonly options: FactWatchOptions) {}

  /** Resolves once the facts have been read. */
  async start(): Promise<void> {
    await this.read();
    this.reads ??= every(this.options.clock, FACTS_READ_MS, () => this.readAgain());
  }

  stop(): void {
    this.reads?.cancel();
  }

  /** Sets the function that is called each time the facts have changed. */
  onChange(changed: () => void): void {
    this.changed = changed;
  }

  /** The newest facts; undefined if the list still has the version `seen`. */
  since(seen: string | undefined): FactList | undefined {
    return this.newest?.version === seen ? undefined : this.newest;
  }

  isPaused(channel: string): boolean {
    return this.names.has(FACT.allPaused) || this.names.has(FACT.paused(channel));
  }

  isBanned(memberId: string): boolean {
    return this.names.has(FACT.banned(memberId));
  }

  slowModeMs(channel: string): number {
    return this.slowModes.get(channel) ?? 0;
  }

  /** Reads the facts now, for example after a change by this process. */
  async read(): Promise<void> {
    const found = await this.options.store.read(this.newest?.version);
    if (!found) return;
    this.newest = found;
    this.names = new Set(found.names);
    this.slowModes = slowModesIn(this.names);
    this.changed?.();
  }

  private async readAgain(): Promise<void> {
    try {
      await this.read();
      this.hasFailed = false;
    } catch (error) {
      if (this.hasFailed) this.options.failed('read the facts', error);
      this.hasFailed = true;
    }
  }
}
