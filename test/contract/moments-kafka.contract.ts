import type { Admin, Kafka, Producer } from 'kafkajs';
import { consumerOf } from '../../adapters/kafka/client/client';
import { KafkaMoments } from '../../adapters/kafka/moments/moments';
import { setUpMoments } from '../../adapters/kafka/topics/set-up-moments';
import { systemClock as clock } from '../../runtime/clock';
import { PARTITIONS } from '../../schemas/partitions';
import { describeMomentsContract, moment, RecordingReceiver } from './moments.contract';
import { freshId, realTime as time } from './time';

/** The clients of the Kafka under test. */
interface Clients {
  readonly kafka: Kafka;
  readonly admin: Admin;
  /** May delete topics. */
  readonly operator: Admin;
  readonly producer: Producer;
  /** May write copies of a peer's topics, as MirrorMaker. */
  readonly mirror: Producer;
}

/** A topic of moments and, if `peer` is given, the copy of a peer's. */
async function use({ admin, kafka, mirror, producer }: Clients, peer?: string) {
  const topic = freshId('likestream.moments');
  const mirrored = `dc2.${topic}`;
  const topics = peer === undefined ? [topic] : [topic, mirrored];
  const failures: string[] = [];
  await setUpMoments(admin, { moments: topics, replicas: 1 }, (line) => failures.push(line));
  const groupId = freshId('likestream.group');
  const open = (at = topic, datacenter = 'dc1', group = groupId) =>
    new KafkaMoments({
      ...{ clock, groupId: group, datacenter, topic: at, processId: freshId() },
      producer: at === mirrored ? mirror : producer,
      consumer: () => consumerOf(kafka, group),
      peers: new Map(peer === undefined ? [] : [[mirrored, peer]]),
      failed: (doing) => failures.push(doing),
      fatal: (error) => failures.push(error.message),
    });
  return { datacenter: 'dc1', failures, groupId, mirrored, open, time, topic };
}

/** The contract of moments on Kafka, and what only Kafka has. */
export function describeKafkaMoments(clients: () => Clients): void {
  describeMomentsContract('Kafka', () => use(clients()));
  describeSettings(clients);
  describePeers(clients);
  describeGroup(clients);
}

function describeSettings(clients: () => Clients): void {
  it('keeps moments for two minutes, also in a topic that exists', async () => {
    const { admin } = clients();
    // As a MirrorMaker that was started first may create it.
    const topic = freshId('dc2.likestream.moments');
    await admin.createTopics({ topics: [{ topic, numPartitions: 2 }] });
    const warnings: string[] = [];
    await setUpMoments(admin, { moments: [topic], replicas: 1 }, (line) => warnings.push(line));
    expect(warnings).toEqual([]);
    await time.eventually(async () => {
      const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
      expect(topics[0]?.partitions).toHaveLength(PARTITIONS);
      const { resources } = await admin.describeConfigs({
        includeSynonyms: false,
        resources: [{ type: 2, name: topic }],
      });
      const settings = resources[0]?.configEntries.map(
        ({ configName, configValue }) => `${configName}=${configValue}`,
      );
      expect(settings).toContain('retention.ms=120000');
      expect(settings).toContain('message.timestamp.type=LogAppendTime');
    });
  });
}

function describePeers(clients: () => Clients): void {
  it("receives a peer's moments and heartbeats from its mirrored topic", async () => {
    const { mirrored, open } = await use(clients(), 'dc2');
    const [moments, receiver] = [open(), new RecordingReceiver()];
    await moments.start(receiver);
    // As MirrorMaker does, but by a process that takes the copy for its own topic.
    const peer = open(mirrored, 'dc2', freshId('likestream.group'));
    await time.eventually(async () => {
      await peer.send([moment('conversation:a', 1)]);
      expect(receiver.received.at(-1)).toMatchObject({ datacenter: 'dc2', memberId: 'ann' });
    });
    const peerReceiver = new RecordingReceiver();
    peerReceiver.repeatsAll = false;
    await peer.start(peerReceiver);
    await time.eventually(() => {
      const all = receiver.heartbeats;
      expect(new Set(all.map(([datacenter]) => datacenter))).toEqual(new Set(['dc2']));
      const partitions = all.map(([, { partition }]) => partition);
      expect(new Set(partitions).size).toBe(PARTITIONS);
      for (const [, { end, offset, repeatsAll }] of all) {
        expect(end).toBeGreaterThan(offset);
        expect(repeatsAll).toBe(false);
      }
    });
    await peer.stop();
    await moments.stop();
  });
}

function describeGroup(clients: () => Clients): void {
  it('two dispatchers share the moments, each is received once', async () => {
    const { open } = await use(clients());
    const opened = [open(), open()];
    const receivers = [new RecordingReceiver(), new RecordingReceiver()];
    for (const [at, moments] of opened.entries()) {
      await moments.start(receivers[at] ?? new RecordingReceiver());
    }
    const send = (value: number) =>
      opened[0]?.send(channels.map((channel) => moment(channel, value)));
    const channels = Array.from({ length: 100 }, (_, at) => `conversation:${at}`);
    const valuesOf = (channel: string) => receivers.flatMap((each) => each.valuesOf(channel));
    await time.eventually(async () => {
      await send(0);
      for (const each of receivers) expect(each.received).not.toEqual([]);
    });
    await send(1);
    await time.eventually(() => {
      for (const channel of channels) expect(valuesOf(channel)).toContain(1);
    });
    for (const channel of channels) {
      expect(valuesOf(channel).filter((value) => value === 1)).toEqual([1]);
    }
    // The other one takes over, with no moment lost.
    const stopped = opened[1]?.stop();
    await send(2);
    await stopped;
    await time.eventually(() => {
      for (const channel of channels) expect(valuesOf(channel)).toContain(2);
    });
    await opened[0]?.stop();
  });

  it('a group whose position is no longer in the log reads on at its end', async () => {
    const { admin } = clients();
    const { failures, groupId, open, topic } = await use(clients());
    const partitions = Array.from({ length: PARTITIONS }, (_, partition) => partition);
    await admin.setOffsets({
      ...{ groupId, topic },
      partitions: partitions.map((partition) => ({ partition, offset: '1000' })),
    });
    const [moments, receiver] = [open(), new RecordingReceiver()];
    await moments.start(receiver);
    await time.eventually(async () => {
      await moments.send([moment('conversation:a', 1)]);
      expect(receiver.valuesOf('conversation:a')).not.toEqual([]);
    });
    expect(failures).toEqual([]);
    await moments.stop();
  });

  it('sends and receives again after the topic was created again', async () => {
    const { admin, operator } = clients();
    const { open, topic } = await use(clients());
    const [moments, receiver] = [open(), new RecordingReceiver()];
    await moments.start(receiver);
    const send = () => moments.send([moment('conversation:a', 1)]);
    await time.eventually(async () => {
      await send();
      expect(receiver.received).not.toEqual([]);
    });
    await operator.deleteTopics({ topics: [topic] });
    await time.eventually(async () => expect(await admin.listTopics()).not.toContain(topic));
    await time.eventually(() => setUpMoments(admin, { moments: [topic], replicas: 1 }, () => {}));
    const before = receiver.received.length;
    await time.eventually(async () => {
      await send();
      expect(receiver.received.length).toBeGreaterThan(before);
    }, 40_000);
    await moments.stop();
  });
}
