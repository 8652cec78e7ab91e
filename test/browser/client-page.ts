import { z } from 'zod';
import type { Engine } from './engines/engine';

const seen = z.object({
  errors: z.array(z.string()),
  statuses: z.array(z.looseObject({ state: z.string(), reason: z.string().optional() })),
  totals: z.array(z.int()),
  snapshots: z.int(),
  comments: z.array(z.string()),
  answers: z.array(z.int()),
  /** The first number that was above the truth, or smaller than the one before. */
  wrong: z.string().nullable(),
  others: z.int(),
});

export type Seen = z.infer<typeof seen>;

/** Runs in the page, and in each of its frames. */
const START = `
  const seen = window.seen = {
    errors: [], statuses: [], totals: [], snapshots: 0, comments: [], answers: [],
    wrong: null, others: 0,
  };
  addEventListener('error', ({ message }) => seen.errors.push(message));
  addEventListener('unhandledrejection', ({ reason }) => seen.errors.push(String(reason)));
  window.taps = 0;
  window.begin = async ({ channel, hasToken, id, state, ...options }) => {
    const { connect } = await import('/client.js');
    const token = hasToken
      ? () => fetch('TOKEN_PATH').then((answer) => answer.text())
      : undefined;
    const status = (each) => seen.statuses.push(each);
    window.live = connect({ token, status, ...options });
    window.watched = live.watch(channel, {
      likes({ others, total }) {
        const last = seen.totals.at(-1) ?? 0;
        if (total < last) seen.wrong ??= last + ' became ' + total;
        if (total > taps + (window.othersMade ?? Infinity)) seen.wrong ??= total + ' of ' + taps;
        seen.totals.push(total);
        if (seen.totals.length > 1000) seen.totals.splice(0, 900);
        for (const count of Object.values(others)) seen.others += count;
      },
      comment: ({ text }) => seen.comments.push(text),
      snapshot: () => seen.snapshots++,
    }, { id, state });
  };
  window.tap = (count) => {
    for (let at = 0; at < count; at++) {
      window.taps++;
      watched.like(at % 3 === 0 ? 'love' : 'like').then(({ status }) => seen.answers.push(status));
    }
  };
`;

export interface ClientOptions {
  readonly channel: string;
  readonly hasToken?: boolean;
  readonly url?: readonly string[];
  readonly pauseAfterMs?: number;
  readonly shareTabs?: boolean;
  readonly id?: string;
  readonly state?: object;
}

/** A page that uses the browser client, with frames as further tabs of the same site. */
export class ClientPage {
  constructor(
    private readonly engine: Engine,
    private readonly pageUrl: string,
  ) {}

  /** Opens the page; code of the test runs in it before the client does. */
  async open(options: ClientOptions, before = ''): Promise<void> {
    await this.engine.open(this.pageUrl);
    await this.run(`${START}${before}; begin(${JSON.stringify(options)})`);
  }

  /** Shows another page, from which `back` returns. */
  leave(): Promise<void> {
    return this.engine.open(`${this.pageUrl}?next`);
  }

  /** Goes back, as the button of the browser does. */
  async back(): Promise<void> {
    await this.engine.evaluate('void history.back()');
  }

  /** Adds frames that watch the same. */
  async openFrames(count: number, options: ClientOptions): Promise<void> {
    const code = JSON.stringify(`${START}; begin(${JSON.stringify(options)})`);
    await this.run(`
      for (let at = 0; at < ${count}; at++) {
        const frame = document.createElement('iframe');
        frame.src = location.href;
        frame.onload = () => frame.contentWindow.eval(${code});
        document.body.append(frame);
      }`);
  }

  /** Runs statements in the page. */
  async run(code: string): Promise<void> {
    await this.engine.evaluate(
      `void (() => { ${code.replaceAll('TOKEN_PATH', '/token-of-test')} })()`,
    );
  }

  async seen(): Promise<Seen> {
    return seen.parse(await this.engine.evaluate('window.seen'));
  }

  /** What each frame has seen. */
  async seenInFrames(): Promise<Seen[]> {
    return z
      .array(seen)
      .parse(await this.engine.evaluate('Array.from(frames, (frame) => frame.seen)'));
  }
}
