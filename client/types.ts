/** The counts of a video's likes, as a page shows them: with the own taps of this tab. */
export interface LikesShown {
  /** What to show. It includes own taps at once, and never counts one twice. */
  readonly total: number;
  /** The same by reaction. */
  readonly reactions: Readonly<Record<string, number>>;
  /** How many likes of others came since the last call, by reaction; 0 in the first call. */
  readonly others: Readonly<Record<string, number>>;
  /** Own taps that are not stored yet. */
  readonly pending: number;
  /** The vector of the server's state in this; empty before it is known. */
  readonly seen: string;
  /** Server time of the oldest new like, in ms since the epoch; absent in a first state. */
  readonly t?: number | undefined;
}

/** A comment as the server sends it. */
export interface Comment {
  readonly commentId: string;
  readonly memberId: string;
  readonly text: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly place: string;
}

/** The first state of a channel, with the fields of the feeds that have no usable place. */
export interface Snapshot {
  readonly channel: string;
  readonly total?: number;
  readonly reactions?: Readonly<Record<string, number>>;
  readonly viewers?: number;
  readonly comments?: readonly Comment[];
  readonly attributes?: Readonly<Record<string, unknown>>;
  readonly receipts?: readonly Receipt[];
  readonly typing?: readonly string[];
  readonly online?: boolean;
  readonly lastActiveAt?: number;
  readonly seen?: Readonly<Record<string, string>>;
}

/** The answer of `GET /videos/{videoId}/likes`. */
export interface LikesState {
  readonly total: number;
  readonly reactions: Readonly<Record<string, number>>;
  /** The vector of this state. */
  readonly seen: string;
}

export interface Receipt {
  readonly memberId: string;
  readonly messageId: string;
  readonly at: number;
}

/** What a page hears of a channel. Only what has a handler here is asked of the server. */
export interface Handlers {
  likes?(shown: LikesShown): void;
  viewers?(viewers: number): void;
  comment?(comment: Comment): void;
  comment_deleted?(deleted: { readonly commentId: string }): void;
  /** Comments were left out; `history` is the path that gives exactly those. */
  gap?(gap: { readonly history: string }): void;
  attribute?(attribute: { readonly name: string; readonly value: unknown }): void;
  typing?(typing: { readonly memberId: string; readonly active: boolean }): void;
  receipt?(receipt: Receipt): void;
  presence?(presence: { readonly online: boolean; readonly lastActiveAt?: number }): void;
  /** A new stream was opened: it says again who is typing. */
  ready?(): void;
  /** The state at the beginning, and whenever the server can't go on from where this page was. */
  snapshot?(snapshot: Snapshot): void;
  /** Events of types that the server was extended with. */
  readonly [event: string]: ((data: never) => void) | undefined;
}

/** What the connection is doing. */
export interface Status {
  readonly state: 'connecting' | 'connected' | 'offline' | 'paused' | 'refused' | 'closed';
  /** Why, in the server's words (`draining`, `token_expired`, …), or an HTTP status. */
  readonly reason?: string | undefined;
  /** The time until the next try, in ms. */
  readonly retryMs?: number | undefined;
}

/** A token, or a function that fetches one. It is called again before the token expires. */
export type TokenSource = string | (() => string | undefined | Promise<string | undefined>);

export interface ConnectOptions {
  /** The address of the server, or several, which are tried in turn. Default: the page's origin. */
  readonly url?: string | readonly string[];
  readonly token?: TokenSource;
  /** Whether the tabs of this site share one stream. Default: true where the browser can. */
  readonly shareTabs?: boolean;
  /** The time in a hidden tab after which the stream is closed until it is shown. Default: 60 s. */
  readonly pauseAfterMs?: number;
  status?(status: Status): void;
}

/** The answer to a call, after its retries. */
export interface Answer {
  /** The HTTP status; 0 if no answer came. */
  readonly status: number;
  readonly isOk: boolean;
  /** The body: what was asked for, or a problem (RFC 9457) with a `code`. */
  readonly body?: Readonly<Record<string, unknown>> | undefined;
}

/** A channel that this page watches. */
export interface Watched {
  /** Sends a like of this video; shows it at once. Resolves once it is stored or given up. */
  like(reaction?: string): Promise<Answer>;
  close(): void;
}

/** A connection, shared by what watches through it. */
export interface Live {
  /**
   * Watches a channel, for example `video:42`.
   * @param options `id`: the `id` of a state that was rendered on the server: the stream goes on
   *   from there; `state`: that state, as `GET …/likes` answers it
   */
  watch(
    channel: string,
    handlers: Handlers,
    options?: { readonly id?: string; readonly state?: Snapshot | LikesState },
  ): Watched;
  /**
   * Sends a request, and repeats it while the server or the network fails. What it sends must have
   * an id, or be harmless if it arrives twice.
   * @param tries default: until `close`, waiting for the network
   */
  send(method: string, path: string, body?: object, tries?: number): Promise<Answer>;
  /** A new UUIDv7, the best id of a like or a comment. */
  id(): string;
  /** The member that the token names; undefined without a token. */
  memberId(): Promise<string | undefined>;
  /** Calls `listener` with the status now, and with each new one until the returned call. */
  onStatus(listener: (status: Status) => void): () => void;
  /** Drops the connection as a dead network would; it comes back by itself. */
  cut(): void;
  close(): void;
}
