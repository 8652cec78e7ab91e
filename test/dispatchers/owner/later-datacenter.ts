import { v7 } from 'uuid';
import type { LogRecord, Position } from '../../../adapters/log-source';
import { CrossDatacenterDuplicates } from '../../../dispatchers/peers/cross-datacenter-duplicates';
import { Peers } from '../../../dispatchers/peers/peers';
import { DedupeWindow } from '../../../schemas/dedupe-window';
import { logged, VIDEO } from '../../fixtures/records';
import { FakeLog } from '../../producers/parts';
import { ground, WINDOW_MS } from '../parts';

export const START = 1_700_000_000_000;
export const LIKE_ID = v7({ msecs: START });

/** The record of a like whose producer has stored it. */
export function like(offset: number, likeId = LIKE_ID, at = START): LogRecord {
  return logged(offset, { likeId, at, seq: offset + 1, stored: offset + 1 });
}

/** A cancel record of our log. */
export function cancel(offset: number, cancels = LIKE_ID, at = START): LogRecord {
  const value = JSON.stringify({ cancels, reaction: 'like', at });
  return { offset, key: VIDEO, value, appendedAt: at };
}

/** Partitions of the later of two datacenters, each on the same log and store. */
export function laterDatacenter() {
  const parts = ground();
  const log = new FakeLog();
  const { clock, store } = parts;
  const open = (position: Position & { end?: number } = { done: 0, from: 0 }) => {
    const duplicates = new CrossDatacenterDuplicates({
      origin: 'dc1.1',
      log,
      store,
      clock,
      dedupe: new DedupeWindow(WINDOW_MS),
    });
    return parts.open(position, new Peers({ doubles: duplicates, secret: 'secret' }));
  };
  const updateWith = (ids: readonly string[], version = 1) => ({
    ...{ channel: VIDEO, t: START, origin: 'dc0.1', countedIds: ids, isReplay: false },
    vector: { 'dc0.1': { version, counts: { like: ids.length } } },
  });
  /** Stores the row of our copy, as a producer does before its record says so. */
  const storeRow = (reaction = 'like') => {
    const row = { likeId: LIKE_ID, videoId: '42', memberId: 'ann', reaction, at: START };
    return store.insert(VIDEO, [{ ...row, offset: 0 }]);
  };
  return { ...parts, log, open, storeRow, updateWith };
}
