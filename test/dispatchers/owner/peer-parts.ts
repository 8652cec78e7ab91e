import { v7 } from 'uuid';
import type { LogRecord } from '../../../adapters/log-source';
import { CrossDatacenterDuplicates } from '../../../dispatchers/peers/cross-datacenter-duplicates';
import { Peers } from '../../../dispatchers/peers/peers';
import { DedupeWindow } from '../../../schemas/dedupe-window';
import { likes } from '../../../schemas/likes';
import type { Position } from '../../../schemas/position';
import { logged, VIDEO } from '../../fixtures/records';
import { FakeLog } from '../../producers/parts';
import { counted, type GroundOptions, ground, WINDOW_MS } from '../parts';

export const START = 1_700_000_000_000;
export const LIKE = v7({ msecs: START });

/** A like's record whose producer has stored it and all before it. */
export function like(offset: number, id = LIKE, at = START): LogRecord {
  return logged(offset, { id, at, seq: offset + 1, stored: offset + 1 });
}

/** A partition of the later of two datacenters. */
export function later({ type = likes, ...options }: GroundOptions = {}) {
  const parts = ground({ ...options, type });
  const log = new FakeLog();
  const failures: string[] = [];
  const { clock, store } = parts;
  const open = (position: Position & { end?: number } = { done: 0, from: 0 }) => {
    if (!type.exact) return parts.open(position);
    const duplicates = new CrossDatacenterDuplicates({
      ...{ origin: 'dc1.1', type },
      log,
      store,
      clock,
      dedupe: new DedupeWindow(WINDOW_MS),
      failed: (doing) => void failures.push(doing),
    });
    return parts.open(position, new Peers({ duplicates, secret: 'secret', type }));
  };
  /** An update of the earlier datacenter, which has counted these ids. */
  const peerUpdate = (ids: readonly string[], version = 1) => ({
    ...{ channel: VIDEO, type: type.name, t: START },
    ...{ origin: 'dc0.1', countedIds: ids, isReplay: false },
    vector: { 'dc0.1': counted(version, { like: ids.length }) },
  });
  /** Stores the row of our copy, as a producer does before its next record says so. */
  const storeRow = (reaction = 'like') => {
    const row = { id: LIKE, memberId: 'ann', body: { reaction }, at: START };
    return store.insert(VIDEO, [{ ...row, offset: 0 }]);
  };
  /** The ids of the appended cancels. */
  const cancelledIds = () => log.entries.map(({ value }) => JSON.parse(value).cancels);
  return { ...parts, cancelledIds, failures, log, open, peerUpdate, storeRow };
}
