/** A channel that, like a browser's, throws when it is used after its end. */
class FakeChannel {
  static readonly posts: unknown[][] = [];
  static newest: FakeChannel | undefined;
  private isClosed = false;
  onmessage: ((event: { data: unknown }) => void) | undefined;

  constructor() {
    FakeChannel.newest = this;
  }

  postMessage(message: unknown[]): void {
    if (this.isClosed) throw new DOMException('closed', 'InvalidStateError');
    FakeChannel.posts.push(message);
  }

  close(): void {
    this.isClosed = true;
  }
}

/** What a lock manager does with a request. */
export type Grant = (name: string, then: () => unknown) => Promise<unknown>;

export interface FakeBrowser {
  /** The messages to other tabs so far. */
  readonly posts: readonly unknown[][];
  /** The names of all locks asked for so far. */
  readonly asked: readonly string[];
  /** Delivers a message of another tab. */
  hear(...message: unknown[]): void;
}

/** Makes the globals of a page that is shown; `grant` decides about its locks. */
export function fakeBrowser(grant: Grant): FakeBrowser {
  const asked: string[] = [];
  FakeChannel.posts.length = 0;
  const request = (name: string, _: object, then: () => unknown) => {
    asked.push(name);
    return grant(name, then);
  };
  const page = new EventTarget();
  const globals = {
    navigator: { onLine: true, locks: { request } },
    window: page,
    document: Object.assign(new EventTarget(), { hidden: false }),
    addEventListener: page.addEventListener.bind(page),
    BroadcastChannel: FakeChannel,
    localStorage: {},
    // No answer before it is given up.
    fetch: (_: string, { signal }: { signal: AbortSignal }) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason));
      }),
  };
  for (const [name, value] of Object.entries(globals)) {
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  }
  const hear = (...data: unknown[]) => FakeChannel.newest?.onmessage?.({ data });
  return { posts: FakeChannel.posts, asked, hear };
}
