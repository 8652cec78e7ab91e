import type { Answer, Comment, Handlers, Live, Snapshot } from '../../../client/types';

/** A request that a test answers. */
export interface Sent {
  readonly method: string;
  readonly path: string;
  readonly body: Record<string, unknown>;
  answer(status: number, body?: Record<string, unknown>): Promise<void>;
}

/** A connection whose events and answers a test makes. */
export class FakeLive implements Live {
  readonly sent: Sent[] = [];
  readonly closed: string[] = [];
  private readonly handlers = new Map<string, Handlers>();
  private ids = 0;

  constructor(private readonly self?: string) {}

  watch(channel: string, handlers: Handlers) {
    this.handlers.set(channel, handlers);
    return {
      like: () => Promise.reject(new Error('nobody likes here')),
      close: () => {
        this.closed.push(channel);
      },
    };
  }

  /** Lets an event come. */
  event(channel: string, name: string, data: object): void {
    const handler = this.handlers.get(channel)?.[name];
    if (handler) Reflect.apply(handler, undefined, [data]);
  }

  comment(...comments: readonly Comment[]): void {
    for (const comment of comments) this.event('video:42', 'comment', comment);
  }

  snapshot(data: Omit<Snapshot, 'channel'>, channel = 'video:42'): void {
    this.event(channel, 'snapshot', { channel, ...data });
  }

  handles(channel: string): string[] {
    return Object.keys(this.handlers.get(channel) ?? {}).sort();
  }

  send(method: string, path: string, body: object = {}): Promise<Answer> {
    return new Promise((resolve) => {
      const answer = async (status: number, answered?: Record<string, unknown>) => {
        resolve({ status, isOk: status < 300, ...(answered && { body: answered }) });
        for (let at = 0; at < 10; at++) await null;
      };
      this.sent.push({ method, path, body: { ...body }, answer });
    });
  }

  /** The newest request. */
  get last(): Sent {
    const last = this.sent.at(-1);
    if (last === undefined) throw new Error('no request was sent');
    return last;
  }

  id(): string {
    this.ids += 1;
    return `own-${this.ids}`;
  }

  memberId(): Promise<string | undefined> {
    return Promise.resolve(this.self);
  }

  onStatus(): () => void {
    return () => {};
  }

  cut(): void {}

  close(): void {}
}

/** A comment by its number. */
export function commentOf(at: number, more: Partial<Comment> = {}): Comment {
  const place = `dc1.1@${at}`;
  return { commentId: `c-${at}`, memberId: 'bo', text: `text ${at}`, at, place, ...more };
}
