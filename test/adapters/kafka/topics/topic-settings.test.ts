import type { Admin } from 'kafkajs';
import { setUpTopicSettings } from '../../../../adapters/kafka/topics/topic-settings';

const OF_TOPIC = 1;
const OF_BROKER_DEFAULT = 5;

type Refused = 'describe' | 'alter';

/** Topics in memory; like Kafka, AlterConfigs replaces all settings of a topic. */
class FakeAdmin {
  readonly topics = new Map<string, Map<string, string>>();
  readonly altered: string[] = [];
  private readonly defaults = new Map([
    ['message.timestamp.type', 'CreateTime'],
    ['unclean.leader.election.enable', 'false'],
    ['min.insync.replicas', '1'],
    ['max.message.bytes', '1048588'],
    ['retention.ms', '604800000'],
  ]);

  constructor(private readonly refused: readonly Refused[] = []) {}

  get asAdmin(): Admin {
    return this as unknown as Admin;
  }

  /** The number of DescribeConfigs that still return the settings before the last change. */
  lag = 0;
  private before = new Map<string, Map<string, string>>();

  async describeConfigs({ resources }: { resources: { name: string }[] }) {
    this.refuse('describe');
    const isBehind = this.altered.length > 0 && this.lag-- > 0;
    return {
      resources: resources.map(({ name: resourceName }) => {
        const own = (isBehind ? this.before : this.topics).get(resourceName) ?? new Map();
        const configEntries = [...this.defaults].map(([configName, value]) => ({
          configName,
          configValue: own.get(configName) ?? value,
          configSource: own.has(configName) ? OF_TOPIC : OF_BROKER_DEFAULT,
          isDefault: !own.has(configName),
          readOnly: false,
        }));
        return { resourceName, configEntries };
      }),
    };
  }

  async alterConfigs({
    resources,
  }: {
    resources: { name: string; configEntries: { name: string; value: string }[] }[];
  }) {
    this.refuse('alter');
    this.before = new Map(this.topics);
    for (const { configEntries, name } of resources) {
      this.altered.push(name);
      this.topics.set(name, new Map(configEntries.map((entry) => [entry.name, entry.value])));
    }
  }

  private refuse(what: Refused): void {
    if (!this.refused.includes(what)) return;
    throw Object.assign(new Error('Not authorized'), { type: 'TOPIC_AUTHORIZATION_FAILED' });
  }
}

function use(settings: Record<string, string>, refused: readonly Refused[] = []) {
  const admin = new FakeAdmin(refused);
  admin.topics.set('likes', new Map(Object.entries(settings)));
  const lines: string[] = [];
  const setUp = (replicas = 1) =>
    setUpTopicSettings(admin.asAdmin, new Map([['likes', replicas]]), (line) => lines.push(line));
  return { admin, lines, setUp, of: (name: string) => admin.topics.get('likes')?.get(name) };
}

const RIGHT = {
  'message.timestamp.type': 'LogAppendTime',
  'unclean.leader.election.enable': 'false',
  'min.insync.replicas': '2',
};

it('alters different settings, and repeats the topic’s other ones', async () => {
  const { lines, of, setUp } = use({ 'retention.ms': '1000' });
  await setUp(3);
  expect(of('message.timestamp.type')).toBe('LogAppendTime');
  expect(of('min.insync.replicas')).toBe('2');
  expect(of('retention.ms')).toBe('1000');
  expect(lines).toEqual([]);
});

it('waits for a broker that shows altered settings a moment later', async () => {
  const { admin, of, setUp } = use({});
  admin.lag = 2;
  await setUp(3);
  expect(admin.lag).toBeLessThan(0);
  expect(of('message.timestamp.type')).toBe('LogAppendTime');
});

it('requires one in-sync replica if there are fewer than three replicas', async () => {
  const { of, setUp } = use({});
  await setUp(2);
  expect(of('message.timestamp.type')).toBe('LogAppendTime');
  expect(of('min.insync.replicas')).toBeUndefined();
});

it('disables unclean leader election', async () => {
  const { of, setUp } = use({ ...RIGHT, 'unclean.leader.election.enable': 'true' });
  await setUp(3);
  expect(of('unclean.leader.election.enable')).toBe('false');
});

it('raises the message size to the largest request', async () => {
  const { of, setUp } = use({ ...RIGHT, 'max.message.bytes': '500000' });
  await setUp(3);
  expect(of('max.message.bytes')).toBe('1048588');
});

it('alters nothing if all settings are right, and lowers no stricter setting', async () => {
  const { admin, setUp } = use({ ...RIGHT, 'min.insync.replicas': '3' });
  await setUp(3);
  expect(admin.altered).toEqual([]);
});

it('lists in one line the settings that it may not alter', async () => {
  const settings = { 'message.timestamp.type': 'LogAppendTime' };
  const { lines, setUp } = use(settings, ['alter']);
  await setUp(3);
  expect(lines).toEqual([
    'cannot alter topics; set yourself likes: min.insync.replicas=2 (Not authorized)',
  ]);
});

it("refuses topics without the broker's append time if it may not set it", async () => {
  const { setUp } = use({}, ['alter']);
  await expect(setUp()).rejects.toMatchObject({
    code: 'log_mismatch',
    retriable: false,
    detail: expect.stringContaining('likes: set message.timestamp.type=LogAppendTime'),
  });
});

it('refuses topics whose settings it may not read', async () => {
  const { setUp } = use(RIGHT, ['describe']);
  await expect(setUp(3)).rejects.toMatchObject({
    code: 'log_mismatch',
    detail: expect.stringContaining('DescribeConfigs'),
  });
});
