import type { EachBatchPayload } from 'kafkajs';
import { PausedPartitions } from '../../../../adapters/kafka/consume/paused-partitions';
import { PeerFeed } from '../../../../adapters/kafka/peers/peer-feed';
import type { PeerTopics } from '../../../../adapters/kafka/peers/peer-topics';
import type { LogConsumer } from '../../../../adapters/log-source';
import { deferred, settled } from '../../../fixtures/deferred';
import { VirtualClock } from '../../../simulation/virtual-clock';

const PARTITION = 3;

function feeding() {
  const clock = new VirtualClock();
  const applied = deferred();
  const owned = new Map([[PARTITION, Promise.resolve()]]);
  const consumed = jest.fn();
  const resolveOffset = jest.fn();
  const applyPeerUpdates = jest.fn(() => applied.promise);
  const owner = {
    applyPeerUpdates,
  } as unknown as LogConsumer;
  const peers = { isSameTopic: () => true, updatesIn: () => [], consumed };
  const feed = new PeerFeed({
    ...{ clock, owned, owner: () => owner, isFatal: () => false, failed: jest.fn() },
    peers: peers as unknown as PeerTopics,
    pausedPartitions: new PausedPartitions(clock),
  });
  const payload = {
    batch: { partition: PARTITION, lastOffset: () => '120' },
    heartbeat: async () => {},
    isStale: () => false,
    pause: () => () => {},
    resolveOffset,
  } as unknown as EachBatchPayload;
  return { applied, applyPeerUpdates, consumed, feed, owned, payload, resolveOffset };
}

describe('updates of another datacenter', () => {
  it('move the position on once they are applied', async () => {
    const { applied, consumed, feed, payload, resolveOffset } = feeding();
    applied.resolve();
    await feed.consumePeerBatch(payload);
    expect(consumed).toHaveBeenCalledWith(payload.batch);
    expect(resolveOffset).toHaveBeenCalledWith('120');
  });

  it('do not move it on if the partition was started again meanwhile', async () => {
    const { applied, consumed, feed, owned, payload, resolveOffset } = feeding();
    const consuming = feed.consumePeerBatch(payload);
    await settled();
    owned.set(PARTITION, Promise.resolve());
    applied.resolve();
    await consuming;
    expect(consumed).not.toHaveBeenCalled();
    expect(resolveOffset).not.toHaveBeenCalled();
  });

  it('are not applied if it was started again while they waited', async () => {
    const { applyPeerUpdates, feed, owned, payload } = feeding();
    const consuming = feed.consumePeerBatch(payload);
    owned.set(PARTITION, Promise.resolve());
    await consuming;
    expect(applyPeerUpdates).not.toHaveBeenCalled();
  });
});
