import { v7 } from 'uuid';
import { Doubles, type Named } from '../../dispatchers/doubles';
import { named } from '../../dispatchers/log-event';
import { DedupeWindow } from '../../schemas/dedupe-window';
import { VIDEO } from '../fixtures/records';
import { FakeLog, FakeStore } from '../producers/parts';
import { VirtualClock } from '../simulation/virtual-clock';

export const WINDOW_MS = 120_000;

/** A like as doubles have it. */
export const like = (likeId: string) => named('secret', VIDEO, likeId);

/** Doubles of `dc2.1`, and what it has in its log. */
export function doublesGround(origin = 'dc2.1') {
  const clock = new VirtualClock();
  const [log, store] = [new FakeLog(), new FakeStore()];
  const dedupe = new DedupeWindow(WINDOW_MS);
  const failures: string[] = [];
  const failed = (doing: string, error: unknown) => void failures.push(`${doing}: ${error}`);
  const doubles = new Doubles({ origin, log, store, clock, dedupe, failed });
  const young = (): string => v7({ msecs: clock.now() });
  const ours = new Set<string>();
  const takenBack = new Set<string>();
  /** The reactions of likes that the store may not have yet. */
  const owed = new Map<string, string>();
  const own = {
    isRead: true,
    get now() {
      return { logTime: clock.now(), monotonic: clock.monotonic() };
    },
    lookUpUntil: 0,
    isDefinite({ made }: Named): boolean {
      const now = clock.now();
      return now >= this.lookUpUntil && now < dedupe.rememberUntil(made);
    },
    has: (theirs: Named) => ours.has(theirs.likeId),
    readTo: Number.POSITIVE_INFINITY,
    hasRead(offset: number): boolean {
      return offset < this.readTo;
    },
    owes: (theirs: Named) => owed.has(theirs.likeId),
    unstoredReaction: (theirs: Named) => owed.get(theirs.likeId),
    hasTakenBack: (theirs: Named) => takenBack.has(theirs.likeId),
  };
  const hear = (likeId: string, from = 'dc1.1', isAgain = false) =>
    doubles.hear(VIDEO, [{ ...like(likeId), origin: from, isAgain }], own);
  const flush = () => doubles.flush(() => own);
  /** Our log has a like, and its row is in the store. */
  const count = async (likeId: string, reaction = 'like') => {
    ours.add(likeId);
    await storeRow(likeId, reaction);
  };
  const storeRow = (likeId: string, reaction: string) => {
    const row = { videoId: '42', memberId: 'ann', reaction, at: clock.now() };
    return store.insert(VIDEO, [{ ...row, likeId, offset: 3 }]);
  };
  const cancelled = () =>
    log.entries.map(({ value }) => {
      const { cancels, reaction } = JSON.parse(value);
      return [cancels, reaction];
    });
  return {
    ...{ cancelled, clock, count, doubles, flush, hear, log, ours, owed, own, store, storeRow },
    ...{ failures, takenBack, young },
  };
}
