import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import {
  type Consumer,
  type ISocketFactory,
  Kafka,
  logLevel,
  Partitioners,
  type Producer,
} from 'kafkajs';
import { copartitioned } from './copartitioned';
import { quietIdleConnections } from './kafka-idle';
import type { Logger } from './log-lines';

const CONNECT_MS = 3_000;
const REQUEST_MS = 10_000;
const RETRIES = 3;
const FIRST_RETRY_MS = 100;
const MAX_RETRY_MS = 1_000;

/** A member not heard of for so long loses its partitions. */
const SESSION_MS = 6_000;
const HEARTBEAT_MS = 1_000;

/** Time for what waits in a fetch when nothing comes; a record that comes ends it at once. */
const FETCH_WAIT_MS = 500;

quietIdleConnections();

/** A Kafka client on `brokers` whose own log lines go to ours. */
export function openKafka(brokers: readonly string[], log: Logger): Kafka {
  return new Kafka({
    clientId: 'likestream',
    brokers: [...brokers],
    connectionTimeout: CONNECT_MS,
    requestTimeout: REQUEST_MS,
    retry: { retries: RETRIES, initialRetryTime: FIRST_RETRY_MS, maxRetryTime: MAX_RETRY_MS },
    socketFactory,
    logLevel: logLevel.WARN,
    logCreator: () => (entry) => log.debug({ kafka: entry.log }, entry.log.message),
  });
}

/** A producer for topics that are there, to partitions that the caller names. */
export function producerOf(kafka: Kafka): Producer {
  return kafka.producer({
    allowAutoTopicCreation: false,
    createPartitioner: Partitioners.DefaultPartitioner,
  });
}

/** A member of a consumer group that is missed soon when it dies. */
export function consumerOf(kafka: Kafka, groupId: string): Consumer {
  return kafka.consumer({
    groupId,
    partitionAssigners: [copartitioned],
    sessionTimeout: SESSION_MS,
    heartbeatInterval: HEARTBEAT_MS,
    maxWaitTimeInMs: FETCH_WAIT_MS,
    allowAutoTopicCreation: false,
  });
}

// kafkajs leaves Nagle's algorithm on, which holds small requests back by tens of milliseconds.
const socketFactory: ISocketFactory = ({ host, port, ssl, onConnect }) => {
  const socket = ssl
    ? connectTls({ host, port, ...ssl }, onConnect)
    : connect({ host, port }, onConnect);
  return socket.setNoDelay(true).setKeepAlive(true, 60_000);
};
