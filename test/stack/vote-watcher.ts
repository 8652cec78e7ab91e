import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { z } from 'zod';
import { EventParser } from '../../tools/load/event-parser';

const RECONNECT_MS = 100;

/** The data of a snapshot with votes, or of an event of votes. */
const votes = z.looseObject({
  channel: z.string(),
  votes: z.int(),
  options: z.record(z.string(), z.int()),
});

/** What a viewer was last sent. */
export interface ShownVotes {
  readonly votes: number;
  readonly options: Readonly<Record<string, number>>;
}

/** A viewer of a poll's votes, which resumes with its event id. */
export class VoteWatcher {
  /** The last votes that it was sent; undefined before its snapshot. */
  shown: ShownVotes | undefined;
  private lastEventId = '';
  private sent: ClientRequest | undefined;
  private timer: NodeJS.Timeout | undefined;
  private isClosed = false;

  constructor(
    private readonly base: string,
    private readonly channel: string,
    private readonly token: string,
  ) {
    this.connect();
  }

  close(): void {
    this.isClosed = true;
    clearTimeout(this.timer);
    this.sent?.destroy();
  }

  private connect(): void {
    const { channel, lastEventId, token } = this;
    const query = new URLSearchParams({ channel, events: 'poll-votes', access_token: token });
    const headers = lastEventId === '' ? {} : { 'Last-Event-ID': lastEventId };
    const sent = request(`${this.base}/stream?${query}`, { headers });
    this.sent = sent;
    sent.on('response', (answer) => this.read(answer));
    sent.on('error', () => this.reconnect());
    sent.end();
  }

  private read(answer: IncomingMessage): void {
    const parser = new EventParser();
    answer.setEncoding('latin1');
    answer.on('data', (text: string) => {
      for (const { data, id } of parser.push(text)) {
        this.lastEventId = id ?? this.lastEventId;
        this.shown = votes.safeParse(data).data ?? this.shown;
      }
    });
    answer.on('error', () => undefined);
    answer.on('close', () => this.reconnect());
  }

  private reconnect(): void {
    clearTimeout(this.timer);
    if (this.isClosed) return;
    this.timer = setTimeout(() => this.connect(), RECONNECT_MS);
  }
}
