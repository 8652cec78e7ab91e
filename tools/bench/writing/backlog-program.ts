import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { openKafka, producerOf } from '../../../adapters/kafka/client/client';
import { openRedis } from '../../../adapters/redis/client';
import { RedisDirectory } from '../../../adapters/redis/directory';
import { RedisLeases } from '../../../adapters/redis/leases';
import { redisServersOf } from '../../../adapters/redis/servers';
import { every, systemClock } from '../../../runtime/clock';
import { openLog } from '../../../runtime/log-lines';
import { readSettings } from '../../../runtime/settings/settings';
import { RENEW_MS } from '../../../schemas/delivery';
import { likes } from '../../../schemas/likes';
import { Names } from '../../../schemas/names';
import { leasedOriginOf } from '../../../schemas/origins';
import { KEYS } from '../../../test/stack/keys';
import { answerMessages } from './child-program';
import { LikesLog } from './likes-log';

/** Likes of one request to Kafka. */
const REQUEST_LIKES = 10_000;
const ALL_REPLICAS = -1;
const MS_PER_SECOND = 1_000;

/** What the dispatcher finds: likes in its log, and frontends that watch all of their videos. */
export interface BacklogAsked {
  readonly likes: number;
  readonly videos: number;
  readonly frontends: number;
}

const settings = readSettings(process.env);
const names = new Names(settings.NAMESPACE);

/** Appends likes with young ids to the log of likes, as two producers whose rows are stored. */
async function fill({ likes: count, videos }: BacklogAsked): Promise<void> {
  const kafka = openKafka(settings.KAFKA_BROKERS, openLog('error', 'bench'));
  const producer = producerOf(kafka);
  await producer.connect();
  const of = { likesPerSecond: REQUEST_LIKES, likesARecord: 1, producers: 2, unconfirmed: 500 };
  const log = new LikesLog({ ...of, videos });
  while (log.likes < count) {
    const byPartition = log.next(MS_PER_SECOND, Date.now());
    const messages = [...byPartition].flatMap(([partition, records]) =>
      records.map(({ key, value }) => ({ key, value, partition })),
    );
    const topicMessages = [{ topic: names.topic(likes.name, 1), messages }];
    await producer.sendBatch({ acks: ALL_REPLICAS, topicMessages });
  }
  await producer.disconnect();
}

/** Answers the deliveries to all frontends at one port, and keeps their leases and memberships. */
async function watch({ frontends, videos }: BacklogAsked): Promise<void> {
  const server = createServer((req, res) => {
    req.resume().once('end', () => res.end('{}'));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const redis = openRedis(redisServersOf(settings));
  await redis.whenReady();
  const [directory, leases] = [
    new RedisDirectory(redis, names, leasedOriginOf(settings.DATACENTER)),
    new RedisLeases(redis, names, KEYS),
  ];
  const channels = Array.from({ length: videos }, (_, at) => `video:v${at}`);
  const workers = Array.from({ length: frontends }, (_, at) => {
    return { id: `bench-${at}`, url: `http://127.0.0.1:${port}/${at}` };
  });
  for (const { id } of workers) await directory.change(id, channels, []);
  let turn = 0;
  const renew = async (): Promise<void> => {
    turn++;
    for (const worker of workers) {
      await leases.renew(worker, turn);
      await directory.digest(worker.id, turn);
    }
  };
  await renew();
  every(systemClock, RENEW_MS, renew);
}

answerMessages<BacklogAsked>(Promise.resolve(), async (asked) => {
  await fill(asked);
  await watch(asked);
  return 'filled';
});
