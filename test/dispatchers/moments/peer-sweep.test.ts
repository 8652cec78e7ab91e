import { PeerSweep } from '../../../dispatchers/moments/peer-sweep';
import { bucketOf } from '../../../schemas/digest';
import { partitionOf } from '../../../schemas/partitions';
import { VirtualClock } from '../../simulation/virtual-clock';

const feed = { channel: 'video:1', type: 'watching' };
const PARTITION = partitionOf(feed.channel);

function use() {
  const clock = new VirtualClock();
  const heard = { at: Number.NEGATIVE_INFINITY, isForgetful: false };
  const withdrawn: (readonly { readonly offset: number }[])[] = [];
  const sweep = new PeerSweep({
    clock,
    contributions: {
      held: async (contributor, buckets) =>
        contributor === 'dc:dc2' && buckets.includes(bucketOf(feed.channel)) ? [feed] : [],
    },
    reports: {
      heardAt: () => heard.at,
      get isForgetful() {
        return heard.isForgetful;
      },
      withdraw: async (_, feeds) => void withdrawn.push(feeds),
    },
  });
  let offset = 0;
  /** Heartbeats of a partition for this time. */
  const beat = async (ms: number, repeatsAll = true, partition = PARTITION) => {
    for (let passed = 0; passed < ms; passed += 1_500) {
      offset += 1;
      await sweep.heartbeat('dc2', { partition, offset, end: offset + 1, repeatsAll });
      await clock.advance(1_500);
    }
    return offset;
  };
  return { beat, clock, heard, withdrawn };
}

test('a value that is no longer repeated is withdrawn', async () => {
  const { beat, withdrawn } = use();
  await beat(60_000);
  expect(withdrawn).toEqual([]);
  const last = await beat(51_000);
  expect(withdrawn).toHaveLength(1);
  expect(withdrawn[0]).toMatchObject([feed]);
  expect(withdrawn[0]?.[0]?.offset).toBeLessThanOrEqual(last);
});

test('a value that was repeated lately stays', async () => {
  const { beat, clock, heard, withdrawn } = use();
  for (let minute = 0; minute < 4; minute++) {
    heard.at = clock.monotonic();
    await beat(45_000);
  }
  expect(withdrawn).toEqual([]);
});

test('nothing is withdrawn while the peer leaves values out', async () => {
  const { beat, withdrawn } = use();
  for (let minute = 0; minute < 4; minute++) {
    await beat(45_000);
    await beat(1_500, false);
  }
  expect(withdrawn).toEqual([]);
});

test('nothing is withdrawn after a gap, before all values could be repeated', async () => {
  const { beat, clock, withdrawn } = use();
  for (let minute = 0; minute < 4; minute++) {
    await beat(45_000);
    await clock.advance(10_000);
  }
  expect(withdrawn).toEqual([]);
});

test('values of partitions that another dispatcher reads stay', async () => {
  const { beat, withdrawn } = use();
  await beat(200_000, true, PARTITION + 1);
  expect(withdrawn).toEqual([]);
});

test('nothing is withdrawn if there are too many values to know their times', async () => {
  const { beat, heard, withdrawn } = use();
  heard.isForgetful = true;
  await beat(200_000);
  expect(withdrawn).toEqual([]);
});
