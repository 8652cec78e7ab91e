import { AssignerProtocol, type PartitionAssigner } from 'kafkajs';

const VERSION = 1;

/** Assigns a partition of each topic to the same member: a channel's owner has all that is told of it. */
export const copartitioned: PartitionAssigner = ({ cluster }) => ({
  name: 'Copartitioned',
  version: VERSION,

  async assign({ members, topics }) {
    const memberIds = members.map(({ memberId }) => memberId).sort();
    return memberIds.map((memberId, turn) => {
      const isTheirs = (partition: number): boolean => partition % memberIds.length === turn;
      const assignment: Record<string, number[]> = {};
      for (const topic of topics) {
        const partitions = cluster.findTopicPartitionMetadata(topic);
        assignment[topic] = partitions.map(({ partitionId }) => partitionId).filter(isTheirs);
      }
      const memberAssignment = { version: VERSION, assignment, userData: Buffer.alloc(0) };
      return {
        memberId,
        memberAssignment: AssignerProtocol.MemberAssignment.encode(memberAssignment),
      };
    });
  },

  protocol({ topics }) {
    const metadata = { version: VERSION, topics, userData: Buffer.alloc(0) };
    return { name: this.name, metadata: AssignerProtocol.MemberMetadata.encode(metadata) };
  },
});
