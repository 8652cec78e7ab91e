import type { Entropy } from '../entropy';
import { NumberWindow } from './number-window';
import { ServiceKeys } from './service-keys';

/** The senders whose numbers are known; with more, the boot id changes. */
export const MAX_SENDERS = 10_000;

/**
 * One process among the services: its boot id, the numbers of its calls, and the numbers that
 * others have used in calls to it. A call names the boot ids of both, so a recorded call is of no
 * use to another process, nor to this one after a restart.
 */
export class ServiceIdentity {
  readonly keys: ServiceKeys;
  private id: string;
  private number = 0;
  private readonly senders = new Map<string, NumberWindow>();

  constructor(
    secret: string,
    private readonly entropy: Entropy,
  ) {
    this.keys = new ServiceKeys(secret);
    this.id = entropy.secretId();
  }

  /** A random id of this process's life. */
  get bootId(): string {
    return this.id;
  }

  /** The number of the next call. */
  nextNumber(): number {
    this.number += 1;
    return this.number;
  }

  /** Marks a number of a sender as used; false if it was used, or may have been. */
  use(sender: string, number: number): boolean {
    return this.windowOf(sender).use(number);
  }

  // A sender that is forgotten could be impersonated by its recorded calls. With another boot id,
  // all of them are refused.
  private windowOf(sender: string): NumberWindow {
    const known = this.senders.get(sender);
    if (known) return known;
    if (this.senders.size >= MAX_SENDERS) {
      this.senders.clear();
      this.id = this.entropy.secretId();
    }
    const window = new NumberWindow();
    this.senders.set(sender, window);
    return window;
  }
}
