import fc from 'fast-check';
import { comments } from '../../../schemas/comments';
import type { Ring } from '../../../schemas/policies/append-ring';
import type { Versioned } from '../../../schemas/state';

export const { policy } = comments;

/** A state of one log of comments. */
export type State = Versioned<Ring<{ text: string }>>;

/** One record of a log: a comment, or the deletion of an id. */
export type Logged =
  | { readonly offset: number; readonly id: string; readonly text: string; readonly at: number }
  | { readonly offset: number; readonly deletes: string };

/** A comment as the fold reads it. */
export function comment(id: string, text = 'a text', at = 1) {
  return { id, memberId: 'ann', at, body: { text } };
}

/** The states of an owner after each record; `withRing` changes each one, as a takeover does. */
export function statesOf(
  log: readonly Logged[],
  withRing = (_: number, ring: State['state']) => ring,
): State[] {
  let state = policy.empty;
  return log.map((record, index) => {
    state = withRing(index, folded(state, record));
    return { version: record.offset, state };
  });
}

export function folded(before: State['state'], record: Logged): State['state'] {
  const { offset } = record;
  if ('deletes' in record) return policy.remove?.(before, record.deletes, offset) ?? before;
  return policy.fold(before, comment(record.id, record.text, record.at), offset);
}

/** The delta of a state. */
export function delta(state: State, since: number): State {
  return policy.delta?.(state, since) ?? state;
}

/** A state as it arrives in a message. */
export function sent(state: State): State {
  const { lookUpUntil: _, ...plain } = JSON.parse(JSON.stringify(state)) as State;
  return { ...plain, state: policy.state.parse(plain.state) };
}

/** Logs whose offsets have holes; some comments are large, and some are deleted. */
export function logs(prefix: string, maxLength = 40): fc.Arbitrary<readonly Logged[]> {
  const step = fc.record({
    hole: fc.nat(3),
    deletes: fc.option(fc.nat(), { freq: 4 }),
    size: fc.oneof({ weight: 6, arbitrary: fc.integer({ min: 1, max: 20 }) }, fc.constant(8_000)),
    at: fc.nat(60),
  });
  return fc.array(step, { maxLength }).map((steps) => {
    let offset = -1;
    const ids: string[] = [];
    return steps.map(({ at, deletes, hole, size }, index): Logged => {
      offset += 1 + hole;
      const deleted = deletes === null ? undefined : ids[deletes % Math.max(1, ids.length)];
      if (deleted !== undefined) return { offset, deletes: deleted };
      const id = `${prefix}-${index}`;
      ids.push(id);
      return { offset, id, text: 'x'.repeat(size), at };
    });
  });
}
