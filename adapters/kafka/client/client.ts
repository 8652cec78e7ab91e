import {
  type Consumer,
  type ISocketFactory,
  Kafka,
  KafkaJSNonRetriableError,
  logLevel,
  type Message,
  type PartitionerArgs,
  type Producer,
} from 'kafkajs';
import { systemClock } from '../../../runtime/clock';
import type { Logger } from '../../../runtime/log-lines';
import type { TlsFiles } from '../../../runtime/settings/tls-files';
import { SlowLines } from '../../../runtime/slow-lines';
import { brokerSocket } from './broker-socket';
import { copartitioned } from './copartitioned';
import { quietIdleConnections } from './idle-connections';
import { kafkaLogLines } from './log-lines';
import {
  closeSilentConnections,
  commitInOneGeneration,
  crashOnOffsetOutOfRange,
  findCoordinatorsAfterMoves,
  keepHeartbeatsInClockSteps,
  measureTimeoutsMonotonically,
  sendHeartbeatsInBackground,
} from './patches';
import type { KafkaSecurity } from './security';

const CONNECT_MS = 3_000;
const REQUEST_MS = 10_000;
const RETRIES = 3;
const FIRST_RETRY_MS = 100;
const MAX_RETRY_MS = 1_000;

/** A member without a heartbeat for this long loses its partitions. */
const SESSION_MS = 6_000;
const HEARTBEAT_MS = 1_000;

/** How long a broker holds a fetch open without records; a new record ends the wait at once. */
const FETCH_WAIT_MS = 500;

/** The most retries of a producer, if its caller allows them; enough for a leader election. */
const PRODUCER_RETRIES = 8;

quietIdleConnections();
crashOnOffsetOutOfRange();
commitInOneGeneration();
keepHeartbeatsInClockSteps();
sendHeartbeatsInBackground();
measureTimeoutsMonotonically();
closeSilentConnections();
findCoordinatorsAfterMoves();

/** A message that kafkajs does not send again once `mayBeSent` returns false. */
export interface GatedMessage extends Message {
  readonly mayBeSent?: () => boolean;
}

/**
 * A Kafka client on `brokers` that writes its log lines to `log`, those of a lasting problem as
 * often as `lines` says.
 */
export function openKafka(
  brokers: readonly string[],
  log: Logger,
  { login, tls }: KafkaSecurity = {},
  lines = new SlowLines(systemClock),
): Kafka {
  return new Kafka({
    clientId: 'likestream',
    brokers: [...brokers],
    connectionTimeout: CONNECT_MS,
    requestTimeout: REQUEST_MS,
    retry: { retries: RETRIES, initialRetryTime: FIRST_RETRY_MS, maxRetryTime: MAX_RETRY_MS },
    ...(login && { sasl: login }),
    ssl: tls !== undefined,
    socketFactory: socketsBy(tls),
    logLevel: logLevel.WARN,
    logCreator: () => kafkaLogLines(log, systemClock, lines),
  });
}

/** A producer for existing topics; the caller names the partition of each message. */
export function producerOf(kafka: Kafka): Producer {
  return kafka.producer({
    allowAutoTopicCreation: false,
    createPartitioner: () => gatedPartition,
    retry: { retries: PRODUCER_RETRIES },
  });
}

/** kafkajs calls this for each message at the start of each try. */
export function gatedPartition({ message }: PartitionerArgs): number {
  const { mayBeSent, partition }: GatedMessage = message;
  if (mayBeSent?.() === false) throw new KafkaJSNonRetriableError('the time to send is over');
  if (partition === undefined) throw new KafkaJSNonRetriableError('a message names no partition');
  return partition;
}

/** A member of a consumer group; if it dies, the group gives its partitions to others soon. */
export function consumerOf(kafka: Pick<Kafka, 'consumer'>, groupId: string): Consumer {
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
function socketsBy(tls: TlsFiles | undefined): ISocketFactory {
  return ({ host, port, onConnect }) =>
    brokerSocket({ host, port }, tls, onConnect).setNoDelay(true).setKeepAlive(true, 60_000);
}
