import { CompressionTypes, type Producer, type RecordMetadata } from 'kafkajs';
import { type Clock, every, type Timer } from '../../../runtime/clock';
import { withDeadline } from '../../../runtime/deadline';
import { asLikestreamError, LikestreamError } from '../../../schemas/errors';
import type { PartitionEntry, PartitionLog } from '../../partition-log';
import type { GatedMessage } from '../client/client';
import {
  type AppendLimits,
  type AppendPart,
  AppendQueue,
  notTaken,
  splitEntries,
} from './append-queue';
import { Breaker } from './breaker';

/** The time a broker has to replicate an append to all in-sync replicas. */
const ACKS_MS = 3_000;

/** For this time after the first try of a request, kafkajs may begin another try. */
const RESEND_WITHIN_MS = 3_000;

/**
 * After this time a request's appends are rejected, even if kafkajs still works on it. Its last try
 * begins by `RESEND_WITHIN_MS` and needs at most 3 s to connect, so it writes nothing to a socket
 * afterwards. Bytes already in a socket may still arrive; owners decide by the append time.
 */
const SETTLE_MS = 10_000;

const EXPIRY_CHECK_MS = 100;
const ALL_REPLICAS = -1;

/** Kafka's errors about the content of a request; a repetition fails as well. */
const REFUSED_CONTENT = ['RECORD_LIST_TOO_LARGE', 'INVALID_RECORD'];
/** Kafka's error for an append to a closed topic (`adapters/kafka/topics/log-gate.ts`). */
const CLOSED = 'MESSAGE_TOO_LARGE';

/** Brokers allow 1,000,000 bytes a batch by default; `topic-settings.ts` checks the topics. */
export const APPEND_LIMITS: AppendLimits = {
  maxQueuedEntries: 20_000,
  maxQueuedBytes: 16 * 1024 * 1024,
  maxUnsentMs: 3_000,
  maxRequestEntries: 2_000,
  maxRequestBytes: 900_000,
};

export interface KafkaLogOptions {
  readonly producer: Pick<Producer, 'sendBatch'>;
  readonly clock: Clock;
  readonly limits?: AppendLimits;
  /** Called when Kafka has lost acknowledged records: the process must end. */
  readonly fatal: (error: Error) => void;
}

/**
 * The event log in Kafka. Appends of one turn of the event loop share a request. One request is in
 * flight at a time; appends that arrive in the meantime wait for a bounded time and go into the
 * next one. After a failed request all appends are refused immediately, except one probe per
 * second. An append that is rejected with "not taken at all" is never in the log.
 */
export class KafkaLog implements PartitionLog {
  private readonly limits: AppendLimits;
  private readonly queue: AppendQueue;
  private readonly breaker: Breaker;
  private isSending = false;
  private expiry: Timer | undefined;
  /** By topic and partition, the last offset that Kafka has acknowledged. */
  private readonly lastOffsets = new Map<string, number>();

  constructor(private readonly options: KafkaLogOptions) {
    this.limits = options.limits ?? APPEND_LIMITS;
    this.queue = new AppendQueue(this.limits);
    this.breaker = new Breaker(options.clock);
  }

  append(topic: string, entries: readonly PartitionEntry[]): Promise<readonly number[]> {
    if (entries.length === 0) return Promise.resolve([]);
    return new Promise((resolve, reject) => {
      const pieces = splitEntries(topic, entries, this.limits);
      if (!this.breaker.allows()) throw notTaken('the last append to Kafka failed');
      const queuedAtMs = this.options.clock.monotonic();
      const progress = { offsets: [], partsLeft: pieces.length, isSent: false };
      this.queue.add({ topic, queuedAtMs, ...progress, resolve, reject }, pieces);
      if (this.isSending) this.watchExpiry();
      else this.sendSoon();
    });
  }

  /** Sends once the other appends of this turn of the event loop are in the queue, too. */
  private sendSoon(): void {
    this.isSending = true;
    this.options.clock.after(0, () => void this.send());
  }

  private async send(): Promise<void> {
    for (let batch = this.take(); batch.length > 0; batch = this.take()) {
      try {
        const answers = await this.sendBatch(batch);
        this.answer(batch, answers);
        this.breaker.close();
      } catch (error) {
        this.fail(batch, error);
      }
    }
    // If this process stood still for long, all appends expired, and nothing was sent.
    this.breaker.endProbe();
    this.isSending = false;
  }

  private take(): AppendPart[] {
    const batch = this.queue.take(this.options.clock.monotonic());
    if (this.queue.isEmpty) this.stopExpiry();
    return batch;
  }

  private sendBatch(batch: readonly AppendPart[]): Promise<RecordMetadata[]> {
    const { clock, producer } = this.options;
    const resendUntilMs = clock.monotonic() + RESEND_WITHIN_MS;
    const mayBeSent = () => clock.monotonic() < resendUntilMs;
    const sent = producer.sendBatch({
      acks: ALL_REPLICAS,
      timeout: ACKS_MS,
      compression: CompressionTypes.None,
      topicMessages: messagesByTopic(batch, mayBeSent),
    });
    const late = new LikestreamError('log_unavailable', `no Kafka answer within ${SETTLE_MS} ms`);
    return withDeadline(clock, SETTLE_MS, sent, late);
  }

  // Kafka answers with each partition's first offset; entries of a partition follow in their order.
  private answer(batch: readonly AppendPart[], answers: readonly RecordMetadata[]): void {
    this.verifyRising(answers);
    const next = firstOffsets(answers);
    const offsets = batch.map(({ append: { topic }, entries }) =>
      entries.map(({ partition }) => takeOffset(next, topic, partition)),
    );
    for (const [name, offset] of next) this.lastOffsets.set(name, offset - 1);
    for (const [at, { append }] of batch.entries()) {
      append.offsets.push(...(offsets[at] ?? []));
      append.partsLeft -= 1;
      if (append.partsLeft === 0) append.resolve(append.offsets);
    }
  }

  /** Throws if a partition's offsets step back: it has lost acknowledged records. */
  private verifyRising(answers: readonly RecordMetadata[]): void {
    for (const { topicName, partition, baseOffset } of answers) {
      const name = `${topicName}/${partition}`;
      const last = this.lastOffsets.get(name) ?? -1;
      if (Number(baseOffset) <= last) throw lostTail(topicName, partition, baseOffset, last);
    }
  }

  private fail(batch: readonly AppendPart[], error: unknown): void {
    const failure = asFailure(error);
    const failed = new Set(batch.map(({ append }) => append));
    for (const append of failed) append.reject(failure);
    if (failure.code === 'log_mismatch') this.options.fatal(failure);
    this.queue.drop((append) => failed.has(append), failure);
    if (failure.code === 'internal' || failure.code === 'log_closed') {
      // Kafka is available; it refused this content.
      this.breaker.close();
      return;
    }
    this.breaker.open();
    this.queue.drop(() => true, notTaken('the append before it failed'));
  }

  private watchExpiry(): void {
    const { clock } = this.options;
    this.expiry ??= every(clock, EXPIRY_CHECK_MS, () => this.queue.expire(clock.monotonic()));
  }

  private stopExpiry(): void {
    this.expiry?.cancel();
    this.expiry = undefined;
  }
}

/** The first message of each topic has the gate: kafkajs asks it before it takes the others. */
function messagesByTopic(batch: readonly AppendPart[], mayBeSent: () => boolean) {
  const topics = new Map<string, GatedMessage[]>();
  for (const { append, entries } of batch) {
    const messages = topics.get(append.topic);
    if (messages) messages.push(...entries);
    else topics.set(append.topic, gated(entries, mayBeSent));
  }
  return [...topics].map(([topic, messages]) => ({ topic, messages }));
}

function gated(entries: readonly PartitionEntry[], mayBeSent: () => boolean): GatedMessage[] {
  return entries.map((entry, at) => (at === 0 ? { ...entry, mayBeSent } : entry));
}

/**
 * The first offset of each partition. Rejects a partition that is answered twice: kafkajs keeps
 * answers by broker, so it sends a partition again if its leader moves within a request. Owners
 * drop the copies.
 */
function firstOffsets(answers: readonly RecordMetadata[]): Map<string, number> {
  const first = new Map<string, number>();
  for (const { baseOffset, partition, topicName } of answers) {
    const name = `${topicName}/${partition}`;
    if (first.has(name)) throw new LikestreamError('log_unavailable', `two answers for ${name}`);
    first.set(name, Number(baseOffset));
  }
  return first;
}

function takeOffset(next: Map<string, number>, topic: string, partition: number): number {
  const name = `${topic}/${partition}`;
  const offset = next.get(name);
  if (offset === undefined) {
    throw new LikestreamError('log_unavailable', `Kafka's answer lacks ${topic}/${partition}`);
  }
  next.set(name, offset + 1);
  return offset;
}

function lostTail(topic: string, partition: number, offset: unknown, last: number) {
  return new LikestreamError(
    'log_mismatch',
    `topic ${topic}, partition ${partition}: Kafka gave offset ${offset} after it had ` +
      `acknowledged ${last}, so records ${offset} to ${last} are lost. Counted entries are kept. ` +
      'Stop all producers and dispatchers, run `npm run recount -- --log-lost`, and start with ' +
      'LOG_GENERATION one higher',
  );
}

function asFailure(error: unknown): LikestreamError {
  const type = error instanceof Error && 'type' in error ? String(error.type) : '';
  if (type === CLOSED) {
    return new LikestreamError('log_closed', 'it was drained', { cause: error });
  }
  if (!REFUSED_CONTENT.includes(type)) return asLikestreamError(error, 'log_unavailable');
  return new LikestreamError('internal', `Kafka refused an append: ${type}`, { cause: error });
}
