import { AssignerProtocol, type GroupMember, type PartitionAssigner } from 'kafkajs';

const VERSION = 1;
const NO_USER_DATA = Buffer.alloc(0);

/**
 * Assigns one partition number of all topics to one member, so that a channel's owner reads all its
 * records. Only a member that subscribes to a topic gets its partitions: during a rolling upgrade
 * members may subscribe to different topics. A member with unreadable metadata gets none.
 */
export const copartitioned: PartitionAssigner = ({ cluster }) => ({
  name: 'Copartitioned',
  version: VERSION,

  async assign({ members, topics }) {
    const subscribers = members.map(subscriberOf).sort(byMemberId);
    for (const topic of topics) {
      for (const { partitionId } of cluster.findTopicPartitionMetadata(topic)) {
        const owner = ownerOf(partitionId, topic, subscribers);
        const partitions = owner?.assignment[topic] ?? [];
        if (owner) owner.assignment[topic] = [...partitions, partitionId];
      }
    }
    return subscribers.map(({ assignment, memberId }) => ({
      memberId,
      memberAssignment: AssignerProtocol.MemberAssignment.encode({
        version: VERSION,
        assignment,
        userData: NO_USER_DATA,
      }),
    }));
  },

  protocol({ topics }) {
    const metadata = { version: VERSION, topics, userData: NO_USER_DATA };
    return { name: this.name, metadata: AssignerProtocol.MemberMetadata.encode(metadata) };
  },
});

interface Subscriber {
  readonly memberId: string;
  readonly topics: ReadonlySet<string>;
  readonly assignment: Record<string, number[]>;
}

function subscriberOf({ memberId, memberMetadata }: GroupMember): Subscriber {
  return { memberId, topics: topicsIn(memberMetadata), assignment: {} };
}

/** kafkajs throws or returns null if the bytes are not member metadata. */
function topicsIn(metadata: Buffer): ReadonlySet<string> {
  try {
    const topics = AssignerProtocol.MemberMetadata.decode(metadata)?.topics ?? [];
    return new Set(topics);
  } catch {
    return new Set();
  }
}

function byMemberId(one: Subscriber, other: Subscriber): number {
  return one.memberId < other.memberId ? -1 : 1;
}

/** The next member in turn that subscribes to the topic. */
function ownerOf(
  partition: number,
  topic: string,
  subscribers: readonly Subscriber[],
): Subscriber | undefined {
  const turn = partition % subscribers.length;
  const inTurn = [...subscribers.slice(turn), ...subscribers.slice(0, turn)];
  return inTurn.find(({ topics }) => topics.has(topic));
}
