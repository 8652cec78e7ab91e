import type { Answer, LikesShown } from './types';
import { covers } from './vector';

/** The reaction of a like that names none. */
const DEFAULT = 'like';

/** An own like that no state of the server covers yet. */
export interface Own {
  readonly likeId: string;
  readonly reaction: string | undefined;
  /** Where it is stored; empty before the answer. */
  place: string;
  /** Called with the answer. */
  resolve?(answer: Answer): void;
}

/** The numbers of one reaction. */
interface Count {
  shown: number;
  /** What is shown of own likes. */
  own: number;
  /** What was shown of others at the last call of `take`. */
  others: number;
}

export interface Tally {
  /** The own likes that no state covers yet. */
  readonly own: Set<Own>;
  /** Shows an own like, or with -1 no longer. */
  move(like: Own, by: number): void;
  /** A state of the server, with its vector. */
  state(reactions: Readonly<Record<string, number>>, vector: string): void;
  /** What to show now; undefined before the first state. `others` are those since the last call. */
  take(): Omit<LikesShown, 'pending'> | undefined;
}

/**
 * Computes what to show from the server's counts and own likes. A state may have a like whose
 * request is not answered yet, and lack one that is. So the truth is at least the server's count,
 * and at most that and all own likes that no state covers. What is shown moves only as far as these
 * bounds make it: it is never above the truth, steps back only if the server's count does or a like
 * is refused, and is exact once a state covers the own likes.
 */
export function createTally(): Tally {
  const counts = new Map<string, Count>();
  const own: Tally['own'] = new Set();
  let base: Readonly<Record<string, number>> | undefined;
  let seen = '';
  let hasTaken = false;

  function countOf(reaction = DEFAULT): Count {
    const count = counts.get(reaction) ?? { shown: 0, own: 0, others: 0 };
    counts.set(reaction, count);
    return count;
  }

  return {
    own,
    move({ reaction }, by) {
      const count = countOf(reaction);
      count.shown += by;
      count.own += by;
    },
    state(reactions, vector) {
      base = reactions;
      seen = vector;
    },
    take() {
      if (!base) return undefined;
      const spare = new Map<Count, number>();
      for (const like of own) {
        const count = countOf(like.reaction);
        if (like.place && covers(seen, like.place)) own.delete(like);
        else spare.set(count, (spare.get(count) ?? 0) + 1);
      }
      const reactions: Record<string, number> = {};
      const others: Record<string, number> = {};
      let total = 0;
      for (const reaction in base) countOf(reaction);
      for (const [reaction, count] of counts) {
        const low = base[reaction] ?? 0;
        count.shown = Math.min(Math.max(count.shown, low), low + (spare.get(count) ?? 0));
        const ofOthers = count.shown - count.own;
        if (hasTaken && ofOthers > count.others) others[reaction] = ofOthers - count.others;
        count.others = ofOthers;
        total += reactions[reaction] = count.shown;
      }
      hasTaken = true;
      return { total, reactions, others, seen };
    },
  };
}
