import type { Admin } from 'kafkajs';
import type { DrainState } from '../../../adapters/cassandra/drain-records';
import { DrainRun } from '../../../tools/drain/run';
import { VirtualClock } from '../../simulation/virtual-clock';

const LOG = 'likes';
const PEER = 'dc1.updates';
const YOUNG_MS = 30_000;

interface Topic {
  end: number;
  /** The group's position; -1 if it has none. */
  done: number;
}

/** Topics with one partition each, and a group. */
class FakeKafka {
  readonly topics = new Map<string, Topic>();
  readonly closed = new Set<string>();

  get asAdmin(): Admin {
    return this as unknown as Admin;
  }

  of(topic: string): Topic {
    const known = this.topics.get(topic) ?? { end: 0, done: -1 };
    this.topics.set(topic, known);
    return known;
  }

  async fetchOffsets({ topics }: { topics: string[] }) {
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

function use(options: { youngMs?: number } = {}) {
  const [clock, kafka] = [new VirtualClock(), new FakeKafka()];
  const states: DrainState[] = [];
  const lines: string[] = [];
  const run = new DrainRun({
    ...{ origin: 'dc2.1', admin: kafka.asAdmin, topics: [LOG], peerTopics: [PEER], clock },
    records: { set: async (_, state) => void states.push(state) },
    ...{ youngMs: 0, timeoutMs: 600_000, say: (line: string) => void lines.push(line), ...options },
  });
  let ends: ReadonlyMap<number, number> | undefined;
  const done = run.run().then((result) => {
    ends = result;
  });
  return { clock, done, ends: () => ends, kafka, lines, states };
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
  expect(ends()).toEqual(new Map([[0, 7]]));
});

test('a like that another datacenter takes while it is young is found before the end', async () => {
  const { clock, ends, kafka, lines } = use({ youngMs: YOUNG_MS });
  Object.assign(kafka.of(PEER), { end: 3, done: 3 });
  await clock.advance(YOUNG_MS);
  expect(lines.at(-1)).toContain('the links between them must be up');
  // The other datacenter has counted the like, and its update has come.
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
