import type { Admin } from 'kafkajs';
import type { DrainState, LogEndsByType } from '../../../adapters/cassandra/drain-records';
import { type DrainedType, DrainRun } from '../../../tools/drain/run';
import { VirtualClock } from '../../simulation/virtual-clock';

const LOG = 'likestream.likes';
const VOTES = 'likestream.votes';
const PEER = 'dc1.likestream.updates.likes';
const LIKES = { name: 'likes', groupId: 'likestream.dc2.1.likes', topic: LOG, peerTopics: [PEER] };
const YOUNG_MS = 30_000;

interface Topic {
  end: number;
  /** The group's position; -1 if it has none. */
  done: number;
}

/** Topics with one partition each, and their groups. */
class FakeKafka {
  readonly topics = new Map<string, Topic>();
  /** The groups that were asked for positions, by topic. */
  readonly groups = new Map<string, string>();
  readonly closed = new Set<string>();

  get asAdmin(): Admin {
    return this as unknown as Admin;
  }

  of(topic: string): Topic {
    const known = this.topics.get(topic) ?? { end: 0, done: -1 };
    this.topics.set(topic, known);
    return known;
  }

  async fetchOffsets({ groupId, topics }: { groupId: string; topics: string[] }) {
    for (const topic of topics) this.groups.set(topic, groupId);
    return topics.map((topic) => {
      const offset = String(this.of(topic).done);
      return { topic, partitions: [{ partition: 0, offset, metadata: null }] };
    });
  }

  async fetchTopicOffsets(topic: string) {
    const high = String(this.of(topic).end);
    return [{ partition: 0, offset: high, low: '0', high }];
  }

  async describeGroups() {
    return { groups: [{ members: [{}] }] };
  }

  async describeConfigs({ resources }: { resources: { name: string }[] }) {
    return {
      resources: resources.map(({ name: resourceName }) => ({ resourceName, configEntries: [] })),
    };
  }

  async alterConfigs({ resources }: { resources: { name: string }[] }) {
    for (const { name } of resources) this.closed.add(name);
  }
}

function use(options: { youngMs?: number; types?: readonly DrainedType[] } = {}) {
  const [clock, kafka] = [new VirtualClock(), new FakeKafka()];
  const states: DrainState[] = [];
  const lines: string[] = [];
  let recorded: LogEndsByType | undefined;
  const run = new DrainRun({
    ...{ origin: 'dc2.1', admin: kafka.asAdmin, types: [LIKES], clock },
    records: {
      async set(_, state, given) {
        states.push(state);
        recorded = given;
      },
    },
    ...{ youngMs: 0, timeoutMs: 600_000, say: (line: string) => void lines.push(line), ...options },
  });
  let ends: LogEndsByType | undefined;
  const done = run.run().then((result) => {
    ends = result;
  });
  return { clock, done, ends: () => ends, kafka, lines, recorded: () => recorded, states };
}

test('a drain ends once all records are done, with the topic closed', async () => {
  const { clock, ends, kafka, states } = use();
  Object.assign(kafka.of(LOG), { end: 7, done: 5 });
  await clock.advance(10_000);
  expect(kafka.closed.size).toBe(0);
  kafka.of(LOG).done = 7;
  await clock.advance(10_000);
  expect(kafka.closed).toEqual(new Set([LOG]));
  expect(states).toEqual(['draining', 'drained']);
  expect(ends()).toEqual(new Map([['likes', new Map([[0, 7]])]]));
});

test('a drain waits for the group of each event type, and records the ends by type', async () => {
  const votes = { ...LIKES, name: 'votes', groupId: 'votes-group', topic: VOTES, peerTopics: [] };
  const { clock, ends, kafka, lines, recorded } = use({ types: [LIKES, votes] });
  Object.assign(kafka.of(LOG), { end: 7, done: 7 });
  Object.assign(kafka.of(VOTES), { end: 3, done: 1 });
  await clock.advance(30_000);
  expect(ends()).toBeUndefined();
  expect(lines.at(-1)).toBe('2 records left in 1 of 1 partitions of votes');
  kafka.of(VOTES).done = 3;
  await clock.advance(30_000);
  expect(kafka.groups).toEqual(
    new Map([
      [LOG, LIKES.groupId],
      [VOTES, votes.groupId],
      [PEER, LIKES.groupId],
    ]),
  );
  expect(kafka.closed).toEqual(new Set([LOG, VOTES]));
  const expected = new Map([
    ['likes', new Map([[0, 7]])],
    ['votes', new Map([[0, 3]])],
  ]);
  expect(ends()).toEqual(expected);
  expect(recorded()).toEqual(expected);
});

test('a young entry that another datacenter accepts is found before the end', async () => {
  const { clock, ends, kafka, lines } = use({ youngMs: YOUNG_MS });
  Object.assign(kafka.of(PEER), { end: 3, done: 3 });
  await clock.advance(YOUNG_MS);
  expect(lines.at(-1)).toContain('the links between them must be up');
  // The other datacenter has counted the entry, and its update has come.
  kafka.of(PEER).end = 4;
  await clock.advance(60_000);
  expect(ends()).toBeUndefined();
  expect(lines.at(-1)).toBe(`1 updates of other datacenters to read in ${PEER}`);
  kafka.of(PEER).done = 4;
  await clock.advance(10_000);
  expect(ends()).toBeDefined();
});

test('names a mirrored topic that no dispatcher reads, unless it is empty', async () => {
  const { clock, ends, kafka, lines } = use();
  kafka.of(PEER).end = 1;
  await clock.advance(10_000);
  expect(lines.at(-1)).toContain(`${PEER}, which no dispatcher reads: restart the dispatchers`);
  expect(ends()).toBeUndefined();
  const empty = use();
  await empty.clock.advance(10_000);
  expect(empty.ends()).toBeDefined();
});
