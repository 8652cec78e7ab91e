import { type Admin, ConfigResourceTypes } from 'kafkajs';
import { setUpTopics } from '../../adapters/kafka/topics/set-up-topics';
import { setUpTopicSettings } from '../../adapters/kafka/topics/topic-settings';
import { PARTITIONS } from '../../schemas/partitions';
import { eventually } from '../end-to-end/api';
import { freshId } from './time';

/** The contract of the topic settings that a process sets at its start. */
export function describeTopicSettings(admin: () => Admin): void {
  it('alters the settings that exactness needs, and keeps the others of the topic', async () => {
    const topic = freshId('likestream.likes');
    const configEntries = [
      { name: 'retention.ms', value: '86400000' },
      { name: 'max.message.bytes', value: '500000' },
    ];
    const topics = [{ topic, numPartitions: 3, configEntries }];
    await admin().createTopics({ topics, waitForLeaders: false });
    await eventually(() => admin().fetchTopicMetadata({ topics: [topic] }));
    const lines: string[] = [];
    await setUpTopicSettings(admin(), new Map([[topic, 3]]), (line) => lines.push(line));
    const resources = [{ type: ConfigResourceTypes.TOPIC, name: topic }];
    const [described] = (await admin().describeConfigs({ resources, includeSynonyms: false }))
      .resources;
    const settingOf = (name: string) =>
      described?.configEntries.find(({ configName }) => configName === name)?.configValue;
    expect(settingOf('message.timestamp.type')).toBe('LogAppendTime');
    expect(settingOf('min.insync.replicas')).toBe('2');
    expect(settingOf('unclean.leader.election.enable')).toBe('false');
    expect(settingOf('max.message.bytes')).toBe('1048588');
    expect(settingOf('retention.ms')).toBe('86400000');
    expect(lines).toEqual([]);
  });

  it('creates all topics of two datacenters with these settings, and may run again', async () => {
    const lines: string[] = [];
    const names = ['likestream.likes', 'likestream.updates.likes', 'dc2.likestream.updates.likes'];
    const plan = { names, partitions: PARTITIONS, replicas: 1 };
    for (let run = 0; run < 2; run++) {
      await setUpTopics(admin(), plan, (line) => lines.push(line));
    }
    expect(lines).toEqual([]);
    const topics = await admin().listTopics();
    expect(topics).toEqual(expect.arrayContaining(names));
  });
}
