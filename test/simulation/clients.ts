import type { AcceptResult, NewEntry } from '../../producers/acceptance';
import { LikestreamError } from '../../schemas/errors';
import type { Datacenters } from './datacenters';
import type { Seeded } from './seeded';
import type { Producer } from './site';
import { VOTES } from './types';
import { channelOf, feedOf } from './videos';
import type { World } from './world';

/** A page retries for longer than a store is blocked. */
const MAX_TRIES = 20;
const RETRY_MS = 250;

/** A client without an answer for this time sends the same request again, to any producer. */
const CLIENT_TIMEOUT_MS = 2_000;

/** A request of one member. */
export interface ClientRequest {
  /** The name of the event type. */
  readonly type: string;
  readonly video: string;
  readonly memberId: string;
  readonly entries: readonly NewEntry[];
}

/** The members' clients: they send each request until it is answered. */
export class Clients {
  /** By feed, each id that was answered with success. */
  readonly answered = new Map<string, Set<string>>();
  /** The time of the last request that is sent later, by the monotonic clock. */
  lastSentAt = 0;

  constructor(
    private readonly all: Datacenters,
    private readonly random: Seeded,
    /** Called with each answer that is not one of its request. */
    private readonly violation: (what: string) => void,
  ) {}

  /** Sends a request to a producer of one of these datacenters. */
  send(request: ClientRequest, worlds: readonly World[] = this.all.worlds): void {
    void this.post(request, MAX_TRIES, worlds);
  }

  sendLater(ms: number, request: ClientRequest, worlds: readonly World[] = this.all.worlds): void {
    this.lastSentAt = Math.max(this.lastSentAt, this.all.clock.monotonic() + ms);
    this.all.clock.after(ms, () => this.send(request, worlds));
  }

  /** Sends a request to this producer once, and ignores the answer. */
  sendOnce(request: ClientRequest, producer: Producer): void {
    producer.process.within(() => accept(producer, request)).catch(() => undefined);
  }

  private async post(
    request: ClientRequest,
    tries: number,
    worlds: readonly World[],
  ): Promise<void> {
    const { clock } = this.all;
    const producer = this.random.pick(this.random.pick(worlds).producers);
    const again = (): void => {
      if (tries > 1) clock.after(RETRY_MS, () => void this.post(request, tries - 1, worlds));
    };
    if (!producer.process.runs) return again();
    const timer = clock.after(CLIENT_TIMEOUT_MS, again);
    try {
      const results = await producer.process.within(() => accept(producer, request));
      timer.cancel();
      this.check(request, results);
      for (const { entry } of results) this.answeredOf(request).add(entry.id);
    } catch (error) {
      timer.cancel();
      if (error instanceof LikestreamError && error.retriable) again();
    }
  }

  /** Each entry is answered in order: with its id, and with its body if it is new. */
  private check(
    { entries, memberId, type }: ClientRequest,
    results: readonly AcceptResult[],
  ): void {
    const isRight = results.every(({ entry, isNew }, at) => {
      const asked = entries[at];
      const id = type === VOTES.name ? memberId : (asked?.id ?? entry.id);
      const isSame = JSON.stringify(entry.body) === JSON.stringify(asked?.body);
      return entry.id === id && entry.memberId === memberId && (isSame || !isNew);
    });
    if (isRight && results.length === entries.length) return;
    this.violation(`${type}: ${JSON.stringify(entries)} was answered ${JSON.stringify(results)}`);
  }

  private answeredOf({ type, video }: ClientRequest): Set<string> {
    const feed = feedOf(channelOf(video), type);
    const ids = this.answered.get(feed) ?? new Set();
    this.answered.set(feed, ids);
    return ids;
  }
}

function accept({ acceptances }: Producer, { entries, memberId, type, video }: ClientRequest) {
  const acceptance = acceptances.get(type);
  if (!acceptance) throw new Error(`there is no event type ${type}`);
  return acceptance.accept(video, memberId, entries);
}
