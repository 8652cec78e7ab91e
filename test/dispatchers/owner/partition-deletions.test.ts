import { MAX_DELETIONS, RING_LIMITS } from '../../../schemas/policies/append-ring';
import { range } from '../../end-to-end/api';
import { VIDEO } from '../../fixtures/records';
import { comment, policy } from '../../schemas/policies/append-parts';
import { ORIGIN } from '../parts';
import { commented, commentGround, deleted, idsIn, ringIn, START } from './comment-parts';

const PEER = 'dc2.1';
const SAVED_DELETIONS = RING_LIMITS.saved.deletions;

/** An update of a peer whose log has deleted these ids and has these comments. */
function peerUpdate(deletedIds: readonly string[], ids: readonly string[] = [], isReplay = false) {
  let state = policy.empty;
  let version = -1;
  for (const id of ids) state = policy.fold(state, comment(id), ++version);
  for (const id of deletedIds) state = policy.remove?.(state, id, ++version) ?? state;
  return {
    ...{ channel: VIDEO, type: 'comments', t: START, origin: PEER, countedIds: [], isReplay },
    vector: { [PEER]: { version, state } },
  };
}

describe('a comment that a peer has deleted', () => {
  it('is deleted in our log, too', async () => {
    const { log, open } = commentGround();
    const partition = open();
    await partition.consume([commented(0), commented(1)]);
    await partition.applyPeerUpdates([peerUpdate(['c1', 'unknown'])]);
    const records = log.entries.map(({ value }) => JSON.parse(value));
    expect(records).toMatchObject([{ deletes: 'c1', memberId: PEER }]);
    expect(partition.isCancelPending).toBe(false);
    const [publication] = await partition.consume([deleted(2, 'c1')]);
    expect(ringIn(publication?.update).state.deletions).toEqual([{ id: 'c1', offset: 2 }]);
    await partition.applyPeerUpdates([peerUpdate(['c1', 'unknown'], [], true)]);
    expect(log.entries).toHaveLength(1);
  });

  it('is deleted even if our owner reads it after the deletion', async () => {
    const { log, open } = commentGround();
    const partition = open();
    await partition.applyPeerUpdates([peerUpdate(['c0'])]);
    expect(log.entries).toEqual([]);
    await partition.consume([commented(0)]);
    expect(partition.needsCheckpoint).toBe(true);
    await partition.checkpoint();
    expect(log.entries).toHaveLength(1);
  });

  it('is deleted even if it is evicted here, and not stored yet', async () => {
    const { log, open } = commentGround();
    const partition = open();
    const count = 2 * RING_LIMITS.held.entries;
    const records = range(count).map((n) => commented(n - 1, `c${n - 1}`, 'a text', 0));
    await partition.consume(records);
    await partition.applyPeerUpdates([{ ...peerUpdate(['c0']), deletedIds: ['c0'] }]);
    await partition.checkpoint();
    const appended = log.entries.map(({ value }) => JSON.parse(value));
    expect(appended).toMatchObject([{ deletes: 'c0', memberId: PEER }]);
  });

  it('is deleted even if our log has a copy only once the peer has evicted both', async () => {
    const { log, open } = commentGround();
    const partition = open();
    await partition.applyPeerUpdates([peerUpdate(['c0'], ['c0'])]);
    const others = range(MAX_DELETIONS).map((n) => `other-${n}`);
    await partition.applyPeerUpdates([peerUpdate(others, ['a', 'b'])]);
    await partition.consume([commented(0)]);
    await partition.checkpoint();
    const records = log.entries.map(({ value }) => JSON.parse(value));
    expect(records).toMatchObject([{ deletes: 'c0', memberId: PEER }]);
  });

  it('is deleted even if later deletions of the same batch evict its deletion', async () => {
    const { log, open } = commentGround();
    const partition = open();
    await partition.consume([commented(0)]);
    const others = range(MAX_DELETIONS).map((n) => `other-${n}`);
    await partition.applyPeerUpdates([peerUpdate(['c0']), peerUpdate(['c0', ...others])]);
    const records = log.entries.map(({ value }) => JSON.parse(value));
    expect(records).toMatchObject([{ deletes: 'c0', memberId: PEER }]);
  });

  it('holds positions of peers back until our log has the deletion', async () => {
    const { log, open } = commentGround();
    const partition = open();
    await partition.consume([commented(0)]);
    log.isUnavailable = true;
    const { uncancelled, updates } = await partition.applyPeerUpdates([peerUpdate(['c0'])]);
    expect(uncancelled).toMatchObject({ code: 'log_unavailable' });
    expect(updates).toHaveLength(1);
    expect(partition.isCancelPending).toBe(true);
    await expect(partition.checkpoint()).rejects.toMatchObject({ code: 'log_unavailable' });
    log.isUnavailable = false;
    await partition.checkpoint();
    expect(partition.isCancelPending).toBe(false);
  });
});

describe('a deletion that a state has evicted', () => {
  it('is named in the update of an owner whose saved state lacks it', async () => {
    const { open } = commentGround();
    const first = open();
    const saved = range(SAVED_DELETIONS + 1).map((n) => deleted(n, `c${n}`));
    await first.consume(saved);
    await first.checkpoint();
    const [publication] = await open({ done: 0, from: 0, end: saved.length }).consume(saved);
    const { deletions } = ringIn(publication?.update).state;
    expect([deletions.length, publication?.deleted?.[0]]).toEqual([SAVED_DELETIONS, 'c0']);
  });

  it('is made in our log, too, if the update names it', async () => {
    const { log, open } = commentGround();
    const partition = open();
    await partition.consume([commented(0)]);
    await partition.checkpoint();
    await partition.applyPeerUpdates([{ ...peerUpdate(['other']), deletedIds: ['c0'] }]);
    const records = log.entries.map(({ value }) => JSON.parse(value));
    expect(records).toMatchObject([{ deletes: 'c0', memberId: PEER }]);
  });
});

describe('the update after an update of a peer', () => {
  it("has what is new of the peer's log, and not our own", async () => {
    const { open } = commentGround();
    const partition = open();
    await partition.consume([commented(0)]);
    const first = await partition.applyPeerUpdates([peerUpdate([], ['p0'])]);
    const second = await partition.applyPeerUpdates([peerUpdate([], ['p0', 'p1'])]);
    expect(first.updates.map(({ vector }) => Object.keys(vector))).toEqual([[PEER]]);
    expect(idsIn(ringIn(first.updates[0], PEER))).toEqual(['p0']);
    expect(idsIn(ringIn(second.updates[0], PEER))).toEqual(['p1']);
    expect(Object.keys(second.updates[0]?.whole ?? {}).sort()).toEqual([ORIGIN, PEER]);
    const again = await partition.applyPeerUpdates([peerUpdate([], ['p0', 'p1'])]);
    expect(again.updates).toEqual([]);
  });
});
