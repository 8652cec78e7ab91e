/**
 * How the load client reaches a server. Paths, headers and bodies may have blanks, which the client
 * fills: `@V@` a video's number, `@N@` its total after this post, `@T@` the time in ms, `@P@` the
 * client's process, `@I@` a new UUIDv7.
 */
export interface Target {
  readonly port: number;
  /** The path of a stream. */
  readonly path: string;
  readonly headers?: readonly string[];
  readonly post: Post;
}

/** How one update is published. */
export interface Post {
  readonly port: number;
  readonly path: string;
  readonly headers?: readonly string[];
  readonly body: string;
  /** Likes in one post. */
  readonly likes?: number;
  /** Posts in flight at once; more than one only if their order does not matter. */
  readonly connections?: number;
  readonly ids?: IdTimes;
}

/** How far the times in UUIDv7 ids are ahead of the clock; not ahead if not given. */
export interface IdTimes {
  /** The time of a client's first id, ms ahead. */
  readonly firstAheadMs?: number;
  /** The time of every n-th id after it. */
  readonly each?: { readonly nth: number; readonly aheadMs: number };
}

/** The video's name in every server. */
export const VIDEO = 'bench-@V@';

const COUNTS = '"total":@N@,"reactions":{"like":@N@},"new":1,"t":@T@';

/** The data that every server sends: the JSON of a `likes` event. */
export const DATA = `{"channel":"video:${VIDEO}",${COUNTS}}`;

/** The whole event, as likestream sends it. */
export const FRAME = `event: likes\ndata: ${DATA}\nid: video:${VIDEO}/@N@/dc1.1@@N@\n\n`;
