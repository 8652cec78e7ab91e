import { KafkaJSNonRetriableError } from 'kafkajs';

import Cluster = require('kafkajs/src/cluster');
import ConsumerGroup = require('kafkajs/src/consumer/consumerGroup');
import OffsetManager = require('kafkajs/src/consumer/offsetManager');
import Connection = require('kafkajs/src/network/connection');
import RequestQueue = require('kafkajs/src/network/requestQueue');

import { systemClock, type Timer } from '../../../runtime/clock';

const TIMEOUT_CHECK_MS = 100;

/** The bytes of an answer's length, which comes first. */
const LENGTH_BYTES = 4;

/** The groups that may lose records. */
const lossyGroups = new Set<string>();

/** Lets a consumer group continue at the end of a partition that lacks the offset to read. */
export function readOnAtTheEnd(groupId: string): void {
  lossyGroups.add(groupId);
}

/**
 * Crashes the consumer, without a restart, if a partition does not have the offset to read, except
 * in topics that it subscribes to "from the beginning", and in groups of `readOnAtTheEnd`. kafkajs
 * 2.2.4 would commit its default offset instead, and overwrite the group's position and its
 * metadata. After a crash the owner loads the position again and compares it with the log's ends.
 */
export function crashOnOffsetOutOfRange(): void {
  const { prototype } = OffsetManager;
  const setDefaultOffset = prototype.setDefaultOffset;
  prototype.setDefaultOffset = async function ({ topic, partition }): Promise<void> {
    if (this.topicConfigurations[topic]?.fromBeginning || lossyGroups.has(this.groupId ?? '')) {
      return setDefaultOffset.call(this, { topic, partition });
    }
    throw new KafkaJSNonRetriableError(
      `topic ${topic}, partition ${partition}: the offset to read from is not in the log`,
    );
  };
}

/**
 * Refuses a commit that is repeated in a later generation of the group. kafkajs 2.2.4 repeats a
 * failed commit for seconds. If the member joined again in between, another member may have owned
 * its partitions and committed later positions, and the repeated commit would step back.
 */
export function commitInOneGeneration(): void {
  const { prototype } = OffsetManager;
  const commitOffsets = prototype.commitOffsets;
  // kafkajs passes the same object each time, and creates a new manager for each generation.
  const firstManagers = new WeakMap<object, OffsetManager>();
  prototype.commitOffsets = async function (offsets = {}): Promise<void> {
    const first = firstManagers.get(offsets) ?? this;
    firstManagers.set(offsets, first);
    if (first === this) return commitOffsets.call(this, offsets);
    throw new KafkaJSNonRetriableError('the group has joined again since the commit was made');
  };
}

/**
 * Makes heartbeats independent of steps of the wall clock. After a step back, kafkajs 2.2.4 sends
 * none until the clock reaches the time of the last one, and the member loses its partitions.
 */
export function keepHeartbeatsInClockSteps(): void {
  const { prototype } = ConsumerGroup;
  const heartbeat = prototype.heartbeat;
  prototype.heartbeat = function (options): Promise<void> {
    if (this.lastRequest > systemClock.now()) this.lastRequest = 0;
    return heartbeat.call(this, options);
  };
}

/**
 * Sends heartbeats in the background. kafkajs 2.2.4 waits for each one before it fetches again, and
 * on the broker it waits behind the commits of its connection. An error of a heartbeat, which makes
 * the member join again, is thrown by the next call of the same generation.
 */
export function sendHeartbeatsInBackground(): void {
  const { prototype } = ConsumerGroup;
  const heartbeat = prototype.heartbeat;
  const failures = new WeakMap<ConsumerGroup, { generation: number | null; error: unknown }>();
  prototype.heartbeat = async function (options): Promise<void> {
    const failed = failures.get(this);
    failures.delete(this);
    const generation = this.generationId;
    if (failed?.generation === generation) throw failed?.error;
    heartbeat.call(this, options).catch((error: unknown) => {
      failures.set(this, { generation, error });
    });
  };
}

/**
 * Measures request time-outs with the monotonic clock. kafkajs 2.2.4 measures them with the wall
 * clock: a step forward fails every request in flight, and after a step back none times out.
 */
export function measureTimeoutsMonotonically(): void {
  RequestQueue.prototype.scheduleRequestTimeoutCheck = function (): void {
    if (!this.enforceRequestTimeout) return;
    this.destroy();
    const seenAtMs = new WeakMap<object, number>();
    const check = (): void => {
      const [oldest] = this.inflight.values();
      for (const request of this.inflight.values()) {
        const nowMs = systemClock.monotonic();
        const sinceMs = seenAtMs.get(request) ?? nowMs;
        seenAtMs.set(request, sinceMs);
        if (nowMs - sinceMs <= request.requestTimeout) continue;
        if (request === oldest && closeConnection(this, request.requestTimeout)) break;
        request.timeoutRequest();
      }
      if (this.isConnected()) timers.set(this, systemClock.after(TIMEOUT_CHECK_MS, check));
      else this.destroy();
    };
    timers.set(this, systemClock.after(TIMEOUT_CHECK_MS, check));
  };
  const destroy = RequestQueue.prototype.destroy;
  RequestQueue.prototype.destroy = function (): void {
    timers.get(this)?.cancel();
    timers.delete(this);
    destroy.call(this);
  };
}

/** Checks the time-outs of each connection. */
const timers = new WeakMap<RequestQueue, Timer>();

/** The connection of each queue. */
const connections = new WeakMap<RequestQueue, Connection>();

/**
 * Closes a connection if its oldest request times out: its broker may have lost its power. kafkajs
 * 2.2.4 keeps the connection, and sends to this broker for the 5 minutes that its metadata is
 * valid. After a connection error it refreshes its metadata and connects again.
 *
 * A broker answers the requests of a connection in order. If a later request times out, perhaps it
 * only waits for a slow JoinGroup before it: then the connection stays.
 */
export function closeSilentConnections(): void {
  const { prototype } = Connection;
  const connect = prototype.connect;
  prototype.connect = function (): Promise<boolean> {
    connections.set(this.requestQueue, this);
    if (!this.isConnected()) dropPartialAnswer(this);
    return connect.call(this);
  };
}

/** Rejects all its requests with a connection error. Returns false if it has no open socket. */
function closeConnection(queue: RequestQueue, silentMs: number): boolean {
  const socket = connections.get(queue)?.socket;
  if (!socket || socket.destroyed) return false;
  socket.destroy(new Error(`no answer within ${silentMs} ms`));
  return true;
}

/** kafkajs would read the next connection's first bytes as the rest of the last one's answer. */
function dropPartialAnswer(connection: Connection): void {
  connection.chunks = [];
  connection.bytesBuffered = 0;
  connection.bytesNeeded = LENGTH_BYTES;
}

/**
 * Refreshes the metadata if no known broker names a group's coordinator, and asks once more. The
 * refresh reaches the configured brokers if all known ones are gone. kafkajs 2.2.4 asks only the
 * known ones, forever, so it finds no coordinator after all brokers changed their addresses.
 */
export function findCoordinatorsAfterMoves(): void {
  const { prototype } = Cluster;
  const find = prototype.findGroupCoordinatorMetadata;
  prototype.findGroupCoordinatorMetadata = async function (group): Promise<object> {
    try {
      return await find.call(this, group);
    } catch (error) {
      try {
        await this.refreshMetadata();
      } catch {
        // Its caller knows which of the first errors are worth another try.
        throw error;
      }
      return find.call(this, group);
    }
  };
}
