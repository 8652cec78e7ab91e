import ConsumerGroup = require('kafkajs/src/consumer/consumerGroup');
import OffsetManager = require('kafkajs/src/consumer/offsetManager');
import RequestQueue = require('kafkajs/src/network/requestQueue');

import type { PartitionerArgs } from 'kafkajs';
import { gatedPartition } from '../../../../adapters/kafka/client/client';
import { readOnAtTheEnd } from '../../../../adapters/kafka/client/patches';
import { settled } from '../../../fixtures/deferred';

const YEAR_MS = 365 * 24 * 3_600_000;

afterEach(() => {
  jest.useRealTimers();
});

test('an offset out of range crashes the consumer and commits nothing', async () => {
  const manager: OffsetManager = Object.assign(Object.create(OffsetManager.prototype), {
    topicConfigurations: { likes: { fromBeginning: false } },
  });
  await expect(manager.setDefaultOffset({ topic: 'likes', partition: 3 })).rejects.toMatchObject({
    retriable: false,
    message: expect.stringContaining('topic likes, partition 3'),
  });
});

test('an offset out of range is reset in a topic that is read from its beginning', async () => {
  const committed: object[] = [];
  const manager: OffsetManager = Object.assign(Object.create(OffsetManager.prototype), {
    topicConfigurations: { 'dc2.updates': { fromBeginning: true } },
    cluster: { defaultOffset: () => '-2' },
    getCoordinator: async () => ({
      offsetCommit: async (payload: object) => committed.push(payload),
    }),
    clearOffsets: () => undefined,
  });
  await manager.setDefaultOffset({ topic: 'dc2.updates', partition: 3 });
  expect(committed).toHaveLength(1);
});

test('an offset out of range is reset in a group that may lose records', async () => {
  const committed: object[] = [];
  const manager: OffsetManager = Object.assign(Object.create(OffsetManager.prototype), {
    groupId: 'lossy',
    topicConfigurations: { moments: { fromBeginning: false } },
    cluster: { defaultOffset: () => '-1' },
    getCoordinator: async () => ({
      offsetCommit: async (payload: object) => committed.push(payload),
    }),
    clearOffsets: () => undefined,
  });
  readOnAtTheEnd('lossy');
  await manager.setDefaultOffset({ topic: 'moments', partition: 3 });
  expect(committed).toHaveLength(1);
});

describe('a failed commit that kafkajs repeats', () => {
  const offsets = { topics: [{ topic: 'likes', partitions: [{ partition: 3, offset: '7' }] }] };

  /** The manager of one generation, and the commits that Kafka got from it. */
  function managerOf(groupGenerationId: number, commits: object[]) {
    return Object.assign(Object.create(OffsetManager.prototype) as OffsetManager, {
      generationId: groupGenerationId,
      getCoordinator: async () => ({
        offsetCommit: async (payload: object) => {
          commits.push(payload);
          throw new Error('Connection timeout');
        },
      }),
    });
  }

  it('is sent again in the same generation of the group', async () => {
    const commits: object[] = [];
    const manager = managerOf(1, commits);
    await expect(manager.commitOffsets(offsets)).rejects.toThrow('Connection timeout');
    await expect(manager.commitOffsets(offsets)).rejects.toThrow('Connection timeout');
    expect(commits).toHaveLength(2);
  });

  it('is not sent in a later generation: the partition may have had another owner', async () => {
    const commits: object[] = [];
    const again = { ...offsets };
    await expect(managerOf(1, commits).commitOffsets(again)).rejects.toThrow('Connection timeout');
    const later = managerOf(2, commits).commitOffsets(again);
    await expect(later).rejects.toMatchObject({ retriable: false });
    expect(commits).toHaveLength(1);
  });
});

function groupWith(heartbeat: () => Promise<void>) {
  const group = Reflect.construct(ConsumerGroup, [
    {
      logger: { namespace: () => ({}) },
      instrumentationEmitter: { emit: () => undefined },
      retry: {},
    },
  ]);
  return Object.assign(group, { coordinator: { heartbeat }, memberId: 'member', generationId: 1 });
}

test('a heartbeat is sent although the wall clock was set back by a year', async () => {
  jest.useFakeTimers({ now: YEAR_MS * 50, doNotFake: ['setImmediate', 'nextTick'] });
  const beats: number[] = [];
  const group = groupWith(async () => void beats.push(Date.now()));
  jest.setSystemTime(YEAR_MS * 49);
  await group.heartbeat({ interval: 1_000 });
  await settled();
  await group.heartbeat({ interval: 1_000 });
  expect(beats).toHaveLength(1);
});

test('an unanswered heartbeat delays no call, and no second one is sent', async () => {
  let beats = 0;
  const group = groupWith(() => {
    beats++;
    return new Promise(() => undefined);
  });
  await group.heartbeat({ interval: 0 });
  await group.heartbeat({ interval: 0 });
  expect(beats).toBe(1);
});

describe('the error of a heartbeat', () => {
  const rebalancing = new Error('The group is rebalancing');

  it('is thrown once, by the next call', async () => {
    let isRebalancing = true;
    const group = groupWith(async () => {
      if (isRebalancing) throw rebalancing;
    });
    await group.heartbeat({ interval: 0 });
    await settled();
    isRebalancing = false;
    await expect(group.heartbeat({ interval: 0 })).rejects.toBe(rebalancing);
    await group.heartbeat({ interval: 0 });
  });

  it('is dropped if the member has joined again', async () => {
    const group = groupWith(() => Promise.reject(rebalancing));
    await group.heartbeat({ interval: 0 });
    await settled();
    group.generationId = 2;
    await group.heartbeat({ interval: 0 });
  });
});

test('a request times out only by the monotonic clock', () => {
  jest.useFakeTimers({ now: YEAR_MS * 50, doNotFake: ['setImmediate', 'nextTick'] });
  const timedOut: number[] = [];
  const queue = Reflect.construct(RequestQueue, [
    {
      ...{ maxInFlightRequests: 1, requestTimeout: 1_000, enforceRequestTimeout: true },
      logger: { debug: () => undefined },
      isConnected: () => true,
    },
  ]);
  const request = {
    requestTimeout: 1_000,
    sentAt: Date.now(),
    timeoutRequest: () => void timedOut.push(1),
  };
  queue.inflight.set(1, request);
  queue.scheduleRequestTimeoutCheck();
  jest.setSystemTime(YEAR_MS * 51);
  jest.advanceTimersByTime(900);
  expect(timedOut).toEqual([]);
  jest.setSystemTime(YEAR_MS * 49);
  jest.advanceTimersByTime(300);
  expect(timedOut.length).toBeGreaterThan(0);
  queue.destroy();
  const before = timedOut.length;
  jest.advanceTimersByTime(1_000);
  expect(timedOut).toHaveLength(before);
});

test('a message goes to the partition that it names, while its gate is open', () => {
  const of = (message: object) =>
    gatedPartition({
      topic: 'likes',
      partitionMetadata: [],
      message,
    } as unknown as PartitionerArgs);
  expect(of({ partition: 3 })).toBe(3);
  expect(of({ partition: 3, mayBeSent: () => true })).toBe(3);
  expect(() => of({ partition: 3, mayBeSent: () => false })).toThrow('the time to send is over');
  expect(() => of({})).toThrow('names no partition');
});
