import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { z } from 'zod';
import { type Answer, call } from './api';
import { SseReader } from './sse-reader';

const RECONNECT_MS = 50;
const EVENT_MS = 5_000;

const data = z.looseObject({
  channel: z.string().optional(),
  total: z.int().optional(),
  new: z.int().optional(),
  t: z.int().optional(),
  reactions: z.record(z.string(), z.int()).optional(),
  connectionId: z.string().optional(),
  channels: z.array(z.string()).optional(),
  reason: z.string().optional(),
  retryMs: z.int().optional(),
  seen: z.union([z.string(), z.record(z.string(), z.string())]).optional(),
});

export interface StreamEvent {
  readonly name: string;
  readonly data: z.infer<typeof data>;
  readonly id: string | undefined;
  /** The number of the client's connection on which it arrived, from 1. */
  readonly connection: number;
}

export interface StreamOptions {
  /** Whether the client reconnects after a lost connection. */
  readonly reconnects?: boolean;
  readonly lastEventId?: string;
  /** The last total of each channel before the stream, if it resumes from an id. */
  readonly totals?: ReadonlyMap<string, number>;
  /** Whether totals may step back: an id was accepted in two datacenters, or after a recount. */
  readonly maySeeDoubles?: boolean;
  readonly headers?: Readonly<Record<string, string>>;
  /** More parts of the query, such as `access_token=…`. */
  readonly query?: string;
}

/** A viewer: reads a stream, and checks each event against those before. */
export class StreamClient {
  readonly events: StreamEvent[] = [];
  /** The last total of each channel. */
  readonly totals: Map<string, number>;
  /** Violations of the protocol. */
  readonly faults: string[] = [];
  readonly statuses: number[] = [];
  readonly retries: number[] = [];
  headers: IncomingMessage['headers'] = {};
  pings = 0;
  connections = 0;
  lastEventId: string;
  ended = false;
  private closed = false;
  private sent: ClientRequest | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly base: string,
    private readonly channels: readonly string[],
    private readonly options: StreamOptions = {},
  ) {
    this.totals = new Map(options.totals);
    this.lastEventId = options.lastEventId ?? '';
    this.connect();
  }

  /** Resolves with the first event of a name that `isMeant` accepts; waits up to `ms` for it. */
  async next(
    name: string,
    isMeant: (event: StreamEvent) => boolean = () => true,
    ms: number = EVENT_MS,
  ): Promise<StreamEvent> {
    const until = Date.now() + ms;
    for (;;) {
      const found = this.events.find((event) => event.name === name && isMeant(event));
      if (found) return found;
      if (Date.now() > until) throw new Error(`no ${name} in ${ms} ms, but ${this.summary()}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  /** The events of a name, of one connection if it is given. */
  all(name: string, connection?: number): StreamEvent[] {
    const isMeant = (event: StreamEvent): boolean =>
      connection === undefined || event.connection === connection;
    return this.events.filter((event) => event.name === name && isMeant(event));
  }

  total(channel: string): number | undefined {
    return this.totals.get(channel);
  }

  /** Joins or leaves a channel on the open stream; joins from the place of an id if it is given. */
  change(method: 'PUT' | 'DELETE', channel: string, lastEventId = ''): Promise<Answer> {
    const { connectionId } = this.all('ready').at(-1)?.data ?? {};
    const place = lastEventId && `?lastEventId=${encodeURIComponent(lastEventId)}`;
    return call(this.base, method, `/stream/${connectionId}/channels/${channel}${place}`);
  }

  /** Destroys the connection without an end of the stream. */
  cut(): void {
    this.sent?.destroy();
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.timer);
    this.sent?.destroy();
  }

  private summary(): string {
    const names = this.events.map(({ name, data: { channel } }) => `${name} ${channel ?? ''}`);
    return `[${names.join(', ')}] with ${this.statuses.join()}`;
  }

  private connect(): void {
    const { headers, query } = this.options;
    const { hostname, port } = new URL(this.base);
    const parts = this.channels.map((channel) => `channel=${channel}`);
    if (query !== undefined) parts.push(query);
    const resume = this.lastEventId === '' ? {} : { 'Last-Event-ID': this.lastEventId };
    const path = `/stream?${parts.join('&')}`;
    const connection = ++this.connections;
    const sent = request({ hostname, port, path, headers: { ...headers, ...resume } });
    sent.on('response', (answer) => this.read(answer, connection));
    sent.on('error', () => undefined);
    sent.on('close', () => this.onClose(sent));
    sent.end();
    this.sent = sent;
  }

  private read(answer: IncomingMessage, connection: number): void {
    this.statuses.push(answer.statusCode ?? 0);
    this.headers = answer.headers;
    const reader = new SseReader({
      comment: () => undefined,
      retry: (ms) => this.retries.push(ms),
      id: (id) => {
        this.lastEventId = id;
      },
      event: (name, text, id) => this.add(name, text, id, connection),
    });
    answer.setEncoding('utf8');
    if (answer.statusCode === 200) answer.on('data', (chunk: string) => reader.push(chunk));
    else answer.resume();
    answer.on('error', () => undefined);
  }

  private onClose(sent: ClientRequest): void {
    if (sent !== this.sent) return;
    this.ended = true;
    if (this.closed || !this.options.reconnects) return;
    this.timer = setTimeout(() => this.connect(), RECONNECT_MS * (0.5 + Math.random()));
  }

  private add(name: string, text: string, id: string | undefined, connection: number): void {
    const parsed = data.safeParse(JSON.parse(text));
    if (!parsed.success) {
      this.faults.push(`${name}: ${parsed.error.message}`);
      return;
    }
    if (text.includes('\n')) this.faults.push(`${name}: more than one line of data`);
    if (name === 'ping') {
      this.pings += 1;
      if (text !== '{}' || id !== undefined) this.faults.push(`ping: ${text}, id ${id}`);
      return;
    }
    const event = { name, data: parsed.data, id, connection };
    this.events.push(event);
    if (name === 'snapshot' || name === 'likes') this.check(event);
  }

  private check({ name, data, id }: StreamEvent): void {
    const { channel = '', total, reactions, new: news, seen, t } = data;
    const before = this.totals.get(channel);
    const says = `${name} of ${channel} after ${before}: total ${total}, new ${news}`;
    const vector = typeof seen === 'object' ? seen.likes : seen;
    if (vector === undefined) {
      // A snapshot has only the feeds of which the client has no place.
      if (reactions || typeof seen !== 'object') this.faults.push(`${says}: nothing seen`);
      return;
    }
    if (total === undefined || reactions === undefined) {
      this.faults.push(`${says}: no counts`);
      return;
    }
    const sum = Object.values(reactions).reduce((all, count) => all + count, 0);
    if (sum !== total) this.faults.push(`${says}: reactions sum up to ${sum}`);
    if (id === undefined) this.faults.push(`${says}: no id`);
    const isBack = before !== undefined && total < before;
    if (isBack && !this.options.maySeeDoubles) this.faults.push(`${says}: stepped back`);
    if (name === 'likes') {
      if (before === undefined) this.faults.push(`${says}: nothing to add to`);
      else if (before + (news ?? Number.NaN) !== total) this.faults.push(`${says}: no sum`);
      if (t === undefined || Math.abs(Date.now() - t) > 600_000)
        this.faults.push(`${says}: t ${t}`);
    }
    this.totals.set(channel, total);
  }
}
