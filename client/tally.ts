import { covers } from './vector';

/** An own tap that the counts of the server may lack. */
interface Own {
  readonly reaction: string;
  /** Before its first request it is in no count of the server. */
  isSent: boolean;
}

/** The numbers of one reaction. */
interface Count {
  /** The newest number of the server. */
  base: number;
  /** Own taps that are certainly not in `base`. */
  unsent: number;
  /** Own taps that may be in `base`: sent, and not covered by the vector of the state. */
  sent: number;
  shown: number;
  /** What is shown of own taps since the first state. */
  own: number;
  /** What was shown of others at the last call of `take`. */
  others: number;
}

/** What a page shows of a video's likes. */
export interface Tally {
  /** A new own tap. */
  tap(id: string, reaction: string): void;
  /** An own tap of an earlier page: it may be counted already. */
  restore(id: string, reaction: string): void;
  /** A first request with this tap begins. */
  sending(id: string): void;
  /** The tap is stored, in this place of the log. */
  stored(id: string, place: string): void;
  /** The tap will never be counted. */
  refused(id: string): void;
  /** A state of the server. */
  state(reactions: Readonly<Record<string, number>>, vector: string): void;
  readonly hasState: boolean;
  /** What to show now; `others` since the last call. */
  take(): { reactions: Record<string, number>; others: Record<string, number>; total: number };
}

/**
 * Computes what to show from the server's counts and own taps. A state that arrives while a tap is
 * under way may have it or not. So a count lies between `base + unsent` and that with the sent taps,
 * and what is shown moves only as far as these bounds make it: it is never above the truth, never
 * steps back unless the server's count does, and is exact once the own taps are covered.
 */
export function createTally(): Tally {
  const counts = new Map<string, Count>();
  const waiting = new Map<string, Own>();
  /** Places of stored taps that no state has covered yet. */
  const places = new Map<string, string>();
  let seen = '';
  let hasState = false;
  let hasTaken = false;

  function countOf(reaction: string): Count {
    let count = counts.get(reaction);
    if (!count) {
      count = { base: 0, unsent: 0, sent: 0, shown: 0, own: 0, others: 0 };
      counts.set(reaction, count);
    }
    return count;
  }

  function clamp(count: Count): void {
    const low = count.base + count.unsent;
    count.shown = Math.min(Math.max(count.shown, low), low + count.sent);
  }

  function remove(id: string): Count | undefined {
    const own = waiting.get(id);
    if (!own) return undefined;
    waiting.delete(id);
    places.delete(id);
    const count = countOf(own.reaction);
    if (own.isSent) count.sent--;
    else count.unsent--;
    return count;
  }

  function settle(id: string, place: string): void {
    if (!covers(seen, place)) return;
    const count = remove(id);
    if (count) clamp(count);
  }

  return {
    tap(id, reaction) {
      const count = countOf(reaction);
      waiting.set(id, { reaction, isSent: false });
      count.unsent++;
      count.shown++;
      count.own++;
      clamp(count);
    },
    restore(id, reaction) {
      waiting.set(id, { reaction, isSent: true });
      countOf(reaction).sent++;
    },
    sending(id) {
      const own = waiting.get(id);
      if (!own || own.isSent) return;
      own.isSent = true;
      const count = countOf(own.reaction);
      count.unsent--;
      count.sent++;
    },
    stored(id, place) {
      places.set(id, place);
      settle(id, place);
    },
    refused(id) {
      const count = remove(id);
      if (!count) return;
      count.own--;
      clamp(count);
    },
    state(reactions, vector) {
      for (const [reaction, count] of counts) count.base = reactions[reaction] ?? 0;
      for (const reaction in reactions) countOf(reaction).base = reactions[reaction] ?? 0;
      seen = vector;
      hasState = true;
      for (const [id, place] of places) settle(id, place);
      for (const count of counts.values()) clamp(count);
    },
    get hasState() {
      return hasState;
    },
    take() {
      const reactions: Record<string, number> = {};
      const others: Record<string, number> = {};
      let total = 0;
      for (const [reaction, count] of counts) {
        const ofOthers = count.shown - count.own;
        if (hasTaken && ofOthers > count.others) others[reaction] = ofOthers - count.others;
        count.others = ofOthers;
        if (count.shown > 0) reactions[reaction] = count.shown;
        total += count.shown;
      }
      hasTaken = true;
      return { reactions, others, total };
    },
  };
}
