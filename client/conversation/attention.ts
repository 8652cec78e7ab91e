import type { Receipt } from '../types';

/** The server ends typing 5 s after the last time; if that is lost, it ends after this time. */
const TYPING_MS = 30_000;

const MOST_TYPISTS = 50;
const MOST_RECEIPTS = 200;

/** Whether a message id is newer than another one: ids compare by length, then by bytes. */
export function isNewer(one: string, other: string): boolean {
  return one.length === other.length ? one > other : one.length > other.length;
}

/** Who is typing, each for a limited time. */
export class Typists {
  readonly #timers = new Map<string, ReturnType<typeof setTimeout>>();

  constructor(private readonly changed: () => void) {}

  get members(): readonly string[] {
    return [...this.#timers.keys()];
  }

  set(memberId: string, isActive: boolean): void {
    const known = this.#timers.get(memberId);
    clearTimeout(known);
    if (!isActive) {
      if (this.#timers.delete(memberId)) this.changed();
    } else if (known !== undefined || this.#timers.size < MOST_TYPISTS) {
      this.#timers.set(
        memberId,
        setTimeout(() => this.set(memberId, false), TYPING_MS),
      );
      if (known === undefined) this.changed();
    }
  }

  clear(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    const had = this.#timers.size > 0;
    this.#timers.clear();
    if (had) this.changed();
  }
}

/** The newest message that each member has read: of the members who read last. */
export class Receipts {
  readonly byMember = new Map<string, string>();

  /** @returns whether it is news */
  add({ memberId, messageId }: Receipt): boolean {
    const known = this.byMember.get(memberId);
    if (known !== undefined && !isNewer(messageId, known)) return false;
    this.byMember.delete(memberId);
    this.byMember.set(memberId, messageId);
    const [oldest = ''] = this.byMember.keys();
    if (this.byMember.size > MOST_RECEIPTS) this.byMember.delete(oldest);
    return true;
  }

  /** The members who have read a message. */
  readersOf(messageId: string): readonly string[] {
    return [...this.byMember].filter(([, read]) => !isNewer(messageId, read)).map(([id]) => id);
  }
}
