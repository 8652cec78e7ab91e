import { v7 } from 'uuid';
import { type EntryKey, entryKey } from '../../../dispatchers/owner/entry-key';
import { Fingerprints } from '../../../dispatchers/owner/fingerprints';
import { CrossDatacenterDuplicates } from '../../../dispatchers/peers/cross-datacenter-duplicates';
import { DedupeWindow } from '../../../schemas/dedupe-window';
import { likes } from '../../../schemas/likes';
import { VIDEO } from '../../fixtures/records';
import { FakeLog, FakeStore } from '../../producers/parts';
import { VirtualClock } from '../../simulation/virtual-clock';

export const WINDOW_MS = 120_000;

/** The key of a like. */
export const like = (entryId: string) =>
  entryKey({ fingerprints: new Fingerprints('secret'), type: likes }, VIDEO, entryId);

/** The cross-datacenter duplicates of `dc2.1`, with a log that the test fills. */
export function duplicatesGround(origin = 'dc2.1') {
  const clock = new VirtualClock();
  const [log, store] = [new FakeLog(), new FakeStore()];
  const dedupe = new DedupeWindow(WINDOW_MS);
  const failures: string[] = [];
  const failed = (doing: string, error: unknown) => void failures.push(`${doing}: ${error}`);
  const duplicates = new CrossDatacenterDuplicates({
    ...{ type: likes, origin, log, store, clock, dedupe, failed },
  });
  const young = (): string => v7({ msecs: clock.now() });
  const ours = new Set<string>();
  const cancelledIds = new Set<string>();
  /** The reactions of likes that the store may not have yet. */
  const unstoredReactions = new Map<string, string>();
  const own = {
    isRead: true,
    get now() {
      return { logTime: clock.now(), monotonic: clock.monotonic() };
    },
    lookUpUntil: 0,
    isDefinite({ made }: EntryKey): boolean {
      const now = clock.now();
      return now >= this.lookUpUntil && now < dedupe.rememberUntil(made);
    },
    has: ({ entryId }: EntryKey) => ours.has(entryId),
    readTo: Number.POSITIVE_INFINITY,
    hasRead(offset: number): boolean {
      return offset < this.readTo;
    },
    isUnstored: ({ entryId }: EntryKey) => unstoredReactions.has(entryId),
    unstoredCopy: ({ entryId }: EntryKey) => {
      const reaction = unstoredReactions.get(entryId);
      return reaction === undefined ? undefined : { body: { reaction } };
    },
    hasCancelled: ({ entryId }: EntryKey) => cancelledIds.has(entryId),
  };
  const applyPeer = (id: string, from = 'dc1.1', isReplay = false) =>
    duplicates.applyPeerEntries(VIDEO, [{ ...like(id), origin: from, isReplay }], own);
  const flush = () => duplicates.flush(() => own);
  /** Our log has a like, and its row is in the store. */
  const count = async (id: string, reaction = 'like') => {
    ours.add(id);
    await storeRow(id, reaction);
  };
  const storeRow = (id: string, reaction: string) => {
    const row = { memberId: 'ann', body: { reaction }, at: clock.now() };
    return store.insert(VIDEO, [{ ...row, id, offset: 3 }]);
  };
  const cancelled = () =>
    log.entries.map(({ value }) => {
      const { cancels, undoKey } = JSON.parse(value);
      return [cancels, undoKey];
    });
  return {
    ...{ applyPeer, cancelled, cancelledIds, clock, count, duplicates, failures, flush, log },
    ...{ ours, own, store, storeRow, unstoredReactions, young },
  };
}
