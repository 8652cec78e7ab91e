import { v7 } from 'uuid';
import type { LogRecord } from '../../../adapters/log-source';
import { CrossDatacenterDuplicates } from '../../../dispatchers/peers/cross-datacenter-duplicates';
import { Peers } from '../../../dispatchers/peers/peers';
import { DedupeWindow } from '../../../schemas/dedupe-window';
import type { Position } from '../../../schemas/position';
import { logged, VIDEO } from '../../fixtures/records';
import { FakeLog } from '../../producers/parts';
import { ground, WINDOW_MS } from '../parts';

export const START = 1_700_000_000_000;
export const LIKE_ID = v7({ msecs: START });

/** A like's record whose producer has stored it and all before it. */
export function like(offset: number, likeId = LIKE_ID, at = START): LogRecord {
  return logged(offset, { likeId, at, seq: offset + 1, stored: offset + 1 });
}

/** A partition of the later of two datacenters. */
export function later() {
  const parts = ground();
  const log = new FakeLog();
  const failures: string[] = [];
  const { clock, store } = parts;
  const open = (position: Position & { end?: number } = { done: 0, from: 0 }) => {
    const duplicates = new CrossDatacenterDuplicates({
      origin: 'dc1.1',
      log,
      store,
      clock,
      dedupe: new DedupeWindow(WINDOW_MS),
      failed: (doing) => void failures.push(doing),
    });
    return parts.open(position, new Peers({ duplicates, secret: 'secret' }));
  };
  /** An update of the earlier datacenter, which has counted these ids. */
  const peerUpdate = (ids: readonly string[], version = 1) => ({
    ...{ channel: VIDEO, t: START, origin: 'dc0.1', countedIds: ids, isReplay: false },
    vector: { 'dc0.1': { version, counts: { like: ids.length } } },
  });
  /** Stores the row of our copy, as a producer does before its next record says so. */
  const storeRow = (reaction = 'like') => {
    const row = { likeId: LIKE_ID, videoId: '42', memberId: 'ann', reaction, at: START };
    return store.insert(VIDEO, [{ ...row, offset: 0 }]);
  };
  /** The ids of the appended cancels. */
  const cancelledIds = () => log.entries.map(({ value }) => JSON.parse(value).cancels);
  return { ...parts, cancelledIds, failures, log, open, peerUpdate, storeRow };
}
