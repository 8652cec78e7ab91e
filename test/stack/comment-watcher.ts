import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { z } from 'zod';
import { EventParser, type StreamEvent } from '../../tools/load/event-parser';
import { type Answer, call, pause } from '../end-to-end/api';

const RECONNECT_MS = 100;
const READ_AGAIN_MS = 200;
/** A page is read again for so long: while a server is killed, or a row is not there yet. */
const READ_MS = 60_000;

const event = z.looseObject({
  commentId: z.string().optional(),
  place: z.string().optional(),
  history: z.string().optional(),
  comments: z.array(z.looseObject({ commentId: z.string() })).optional(),
});

const page = z.object({
  comments: z.array(z.looseObject({ commentId: z.string(), deleted: z.boolean().optional() })),
  next: z.string().optional(),
});
export type CommentPage = z.infer<typeof page>;

export interface CommentWatcherOptions {
  readonly channel: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The server of its next connection or page: any of any datacenter. */
  readonly nextUrl: () => string;
}

/**
 * A viewer of a video's comments, as a page keeps them: adds those that it is sent, those of its
 * snapshot and those behind a gap's link, and removes deleted ones. Each connection may be to
 * another server.
 */
export class CommentWatcher {
  /** Ids that came as events, in order. */
  readonly sent = new Set<string>();
  /** Ids that came on pages of gaps, and were not deleted then. */
  readonly paged = new Set<string>();
  readonly deleted = new Set<string>();
  /** Ids that came on a page of a gap and as an event. */
  readonly repeated = new Set<string>();
  /** What contradicts the protocol. */
  readonly faults: string[] = [];
  /** Snapshots on connections with an event id. */
  snapshotsAfterResume = 0;
  gaps = 0;
  cuts = 0;
  private readonly offsets = new Map<string, number>();
  private reading = 0;
  private lastEventId = '';
  private stream: ClientRequest | undefined;
  private timer: NodeJS.Timeout | undefined;
  private isClosed = false;

  constructor(private readonly options: CommentWatcherOptions) {
    this.connect();
  }

  /** Whether a page of a gap is being read. */
  get isReading(): boolean {
    return this.reading > 0;
  }

  /** Whether its first snapshot has come. */
  get isSeated(): boolean {
    return this.lastEventId !== '';
  }

  /** What its page shows. */
  get shown(): Set<string> {
    return new Set([...this.sent, ...this.paged].filter((id) => !this.deleted.has(id)));
  }

  /** Loses its connection, and comes back after some time. */
  cut(awayMs: number): void {
    this.cuts += 1;
    this.leave(awayMs);
  }

  close(): void {
    this.isClosed = true;
    clearTimeout(this.timer);
    this.stream?.destroy();
  }

  private leave(awayMs: number): void {
    clearTimeout(this.timer);
    const { stream } = this;
    this.stream = undefined;
    stream?.destroy();
    if (!this.isClosed) this.timer = setTimeout(() => this.connect(), awayMs);
  }

  private connect(): void {
    const { channel, headers, nextUrl } = this.options;
    const { lastEventId } = this;
    const resume = lastEventId === '' ? {} : { 'Last-Event-ID': lastEventId };
    const path = `/stream?channel=${channel}&events=comments`;
    const stream = request(`${nextUrl()}${path}`, { headers: { ...headers, ...resume } });
    this.stream = stream;
    stream.on('response', (answer) => this.read(answer, stream, lastEventId !== ''));
    stream.on('error', () => this.lost(stream));
    stream.end();
  }

  private lost(stream: ClientRequest): void {
    if (this.stream === stream) this.leave(RECONNECT_MS);
  }

  private read(answer: IncomingMessage, stream: ClientRequest, isResumed: boolean): void {
    if (answer.statusCode !== 200) this.faults.push(`status ${answer.statusCode}`);
    const parser = new EventParser();
    answer.setEncoding('latin1');
    answer.on('data', (text: string) => {
      if (this.stream !== stream) return;
      for (const each of parser.push(text)) this.take(each, isResumed);
    });
    answer.on('error', () => undefined);
    answer.on('close', () => this.lost(stream));
  }

  private take({ data, id, name }: StreamEvent, isResumed: boolean): void {
    const { commentId = '', comments = [], history, place = '' } = event.parse(data ?? {});
    if (name === 'snapshot' && isResumed) this.snapshotsAfterResume += 1;
    if (name === 'snapshot') for (const comment of comments) this.paged.add(comment.commentId);
    if (name === 'comment') this.add(commentId, place);
    if (name === 'comment_deleted') this.deleted.add(commentId);
    if (name === 'gap' && history !== undefined) void this.follow(history);
    this.lastEventId = id ?? this.lastEventId;
  }

  private add(commentId: string, place: string): void {
    const at = place.lastIndexOf('@');
    const [origin, offset] = [place.slice(0, at), Number(place.slice(at + 1))];
    if (this.sent.has(commentId)) this.faults.push(`${commentId} at ${place} was sent twice`);
    if (offset <= (this.offsets.get(origin) ?? -1)) this.faults.push(`${place} is out of order`);
    if (this.paged.has(commentId)) this.repeated.add(commentId);
    this.offsets.set(origin, offset);
    this.sent.add(commentId);
  }

  private async follow(history: string): Promise<void> {
    this.gaps += 1;
    this.reading += 1;
    try {
      await readPages(this.options, history, ({ commentId, deleted }) => {
        if (deleted) this.deleted.add(commentId);
        else this.addPaged(commentId);
      });
    } catch (error) {
      this.faults.push(String(error));
    }
    this.reading -= 1;
  }

  private addPaged(commentId: string): void {
    if (this.paged.has(commentId)) this.faults.push(`${commentId} is on two pages`);
    if (this.sent.has(commentId)) this.repeated.add(commentId);
    this.paged.add(commentId);
  }
}

/** Reads all pages from a path on, each from any server, until the last one. */
export async function readPages(
  { headers, nextUrl }: Pick<CommentWatcherOptions, 'headers' | 'nextUrl'>,
  path: string,
  take: (comment: CommentPage['comments'][number]) => void,
): Promise<void> {
  const until = performance.now() + READ_MS;
  for (let next: string | undefined = path; next !== undefined; ) {
    const asked: Promise<Answer | undefined> = call(nextUrl(), 'GET', next, { headers });
    const answer = await asked.catch(() => undefined);
    const found: CommentPage | undefined =
      answer?.status === 200 ? page.parse(JSON.parse(answer.text)) : undefined;
    for (const comment of found?.comments ?? []) take(comment);
    if (found) next = found.next;
    if (found && found.comments.length > 0) continue;
    if (performance.now() > until) throw new Error(`${answer?.status} ${next}: ${answer?.text}`);
    await pause(READ_AGAIN_MS);
  }
}
