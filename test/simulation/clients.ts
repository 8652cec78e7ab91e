import type { AcceptResult, NewEntry } from '../../producers/acceptance';
import { LikestreamError } from '../../schemas/errors';
import type { Datacenters } from './datacenters';
import type { Seeded } from './seeded';
import type { Producer } from './site';
import { TYPES, VOTES } from './types';
import { channelOf, feedOf } from './videos';
import type { World } from './world';

/** A page retries for longer than a store is blocked. */
const MAX_TRIES = 20;
const RETRY_MS = 250;

/** A client without an answer for this time sends the same request again, to any producer. */
const CLIENT_TIMEOUT_MS = 2_000;

/** A member's deletion of a comment; `isForeign`: of another member's, which must fail. */
export interface DeleteRequest {
  readonly video: string;
  readonly id: string;
  readonly memberId: string;
  readonly isForeign: boolean;
}

type AnswerListener = (request: ClientRequest, results: readonly AcceptResult[]) => void;

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

  /** By channel, the ids of comments whose deletion was asked for, and those of them answered. */
  readonly deletions = {
    asked: new Map<string, Set<string>>(),
    answered: new Map<string, Set<string>>(),
  };
  private readonly listeners: AnswerListener[] = [];

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

  /** Calls the listener with each answer. */
  answeredTo(listener: AnswerListener): void {
    this.listeners.push(listener);
  }

  /** Sends a deletion to producers of these datacenters until it is answered or refused. */
  delete(request: DeleteRequest, worlds: readonly World[] = this.all.worlds): void {
    const { asked } = this.deletions;
    if (!request.isForeign) add(asked, channelOf(request.video), request.id);
    void this.sendDeletion(request, MAX_TRIES, worlds);
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
      const feed = feedOf(channelIn(request), request.type);
      for (const { entry } of results) add(this.answered, feed, entry.id);
      for (const listener of this.listeners) listener(request, results);
    } catch (error) {
      timer.cancel();
      if (error instanceof LikestreamError && error.retriable) again();
    }
  }

  private async sendDeletion(
    request: DeleteRequest,
    tries: number,
    worlds: readonly World[],
  ): Promise<void> {
    const { clock } = this.all;
    const { id, isForeign, memberId, video } = request;
    const { deletions, process } = this.random.pick(this.random.pick(worlds).producers);
    const again = (): void => {
      if (tries <= 1) return;
      clock.after(RETRY_MS, () => void this.sendDeletion(request, tries - 1, worlds));
    };
    if (!process.runs) return again();
    const timer = clock.after(CLIENT_TIMEOUT_MS, again);
    try {
      const deleter = { memberId, isModerator: false };
      await process.within(() => deletions.delete(channelOf(video), id, deleter));
      timer.cancel();
      if (isForeign) this.violation(`${memberId} has deleted ${id} of another member`);
      add(this.deletions.answered, channelOf(video), id);
    } catch (error) {
      timer.cancel();
      const isUnknown = error instanceof LikestreamError && error.code === 'not_found';
      if (isUnknown || (error instanceof LikestreamError && error.retriable)) again();
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
      const isSame = bodyText(entry.body) === bodyText(asked?.body);
      return entry.id === id && entry.memberId === memberId && (isSame || !isNew);
    });
    if (isRight && results.length === entries.length) return;
    this.violation(`${type}: ${JSON.stringify(entries)} was answered ${JSON.stringify(results)}`);
  }
}

/** The channel of a request: of the kind of its type. */
function channelIn({ type, video }: ClientRequest): string {
  const { channelKind = '' } = TYPES.getLogged(type) ?? {};
  return `${channelKind}:${video}`;
}

function add(sets: Map<string, Set<string>>, name: string, id: string): void {
  const ids = sets.get(name) ?? new Set();
  sets.set(name, ids.add(id));
}

/** The body as JSON, without what producers add. */
function bodyText(body: unknown): string {
  const { stamp: _, ...rest } = body as { stamp?: number };
  return JSON.stringify(rest);
}

function accept({ acceptances }: Producer, { entries, memberId, type, video }: ClientRequest) {
  const acceptance = acceptances.get(type);
  if (!acceptance) throw new Error(`there is no event type ${type}`);
  return acceptance.accept(video, memberId, entries);
}
