import fc from 'fast-check';
import '../../../fixtures/same-runs';
import { AssignerProtocol, type Cluster, type GroupMember } from 'kafkajs';
import { copartitioned } from '../../../../adapters/kafka/client/copartitioned';

const PARTITIONS = 8;
const NO_DATA = Buffer.alloc(0);

function assignerFor(partitions = PARTITIONS) {
  const metadata = Array.from({ length: partitions }, (_, partitionId) => ({ partitionId }));
  const cluster = { findTopicPartitionMetadata: () => metadata } as unknown as Cluster;
  return copartitioned({ cluster, groupId: 'group', logger: undefined as never });
}

function member(memberId: string, topics: string[], userData = NO_DATA): GroupMember {
  const memberMetadata = AssignerProtocol.MemberMetadata.encode({ version: 1, topics, userData });
  return { memberId, memberMetadata };
}

async function assign(members: GroupMember[], topics: string[]) {
  const assigned = await assignerFor().assign({ members, topics });
  return new Map(
    assigned.map(({ memberAssignment, memberId }) => [
      memberId,
      AssignerProtocol.MemberAssignment.decode(memberAssignment)?.assignment ?? {},
    ]),
  );
}

it('assigns one partition number of all topics to one member, and leaves none out', async () => {
  const topics = ['likes', 'dc2.updates'];
  const assigned = await assign([member('b', topics), member('a', topics)], topics);
  expect(assigned.get('a')).toEqual({ likes: [0, 2, 4, 6], 'dc2.updates': [0, 2, 4, 6] });
  expect(assigned.get('b')).toEqual({ likes: [1, 3, 5, 7], 'dc2.updates': [1, 3, 5, 7] });
});

it('assigns a topic only to members that subscribe to it', async () => {
  const members = [member('old', ['likes']), member('new', ['likes', 'comments'])];
  const assigned = await assign(members, ['likes', 'comments']);
  expect(assigned.get('old')?.comments).toBeUndefined();
  expect(assigned.get('new')?.comments).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  expect(assigned.get('old')?.likes).toHaveLength(4);
});

it('reads the topics of a member with user data', async () => {
  const assigned = await assign([member('a', ['likes'], Buffer.from('rack=1'))], ['likes']);
  expect(assigned.get('a')?.likes).toHaveLength(PARTITIONS);
});

it('assigns nothing to a member with unreadable metadata', async () => {
  const broken = { memberId: 'a', memberMetadata: Buffer.from([0, 1, 0, 0, 0, 9, 0, 200]) };
  const empty = { memberId: 'b', memberMetadata: NO_DATA };
  const assigned = await assign([broken, empty, member('c', ['likes'])], ['likes']);
  expect(assigned.get('a')).toEqual({});
  expect(assigned.get('b')).toEqual({});
  expect(assigned.get('c')?.likes).toHaveLength(PARTITIONS);
});

it('assigns each partition of each topic once, to a subscriber, in any group', async () => {
  const topics = ['likes', 'comments', 'dc2.updates'];
  const anyMetadata = fc.oneof(
    fc.subarray(topics).map((some) => member('', some).memberMetadata),
    fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(anyMetadata, { minLength: 1, maxLength: 6 }), async (all) => {
      const members = all.map((memberMetadata, at) => ({ memberId: `m${at}`, memberMetadata }));
      const assigned = await assign(members, topics);
      expect(assigned.size).toBe(members.length);
      for (const topic of topics) {
        const given = [...assigned.values()].flatMap((assignment) => assignment[topic] ?? []);
        expect(new Set(given).size).toBe(given.length);
        expect([0, PARTITIONS]).toContain(given.length);
      }
    }),
  );
});
