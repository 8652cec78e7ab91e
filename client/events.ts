import type { Comment, Receipt, Snapshot } from './types';

interface Of<Name extends string, Data> {
  readonly name: Name;
  readonly data: { readonly channel: string } & Data;
}

/** The counts of a video, as the server sends them. */
export interface Counts {
  readonly total: number;
  readonly reactions: Readonly<Record<string, number>>;
  readonly t: number;
  readonly seen: string;
}

/** An event of a channel. */
export type ChannelEvent =
  | Of<'snapshot', Snapshot>
  | Of<'likes', Counts>
  | Of<'viewers', { readonly viewers: number }>
  | Of<'comment', Comment>
  | Of<'comment_deleted', { readonly commentId: string }>
  | Of<'gap', { readonly history: string }>
  | Of<'attribute', { readonly name: string; readonly value: unknown }>
  | Of<'typing', { readonly memberId: string; readonly active: boolean }>
  | Of<'receipt', Receipt>
  | Of<'presence', { readonly online: boolean; readonly lastActiveAt?: number }>;

/** Events that concern the stream itself. */
export interface StreamEvents {
  /** The id of this stream. */
  readonly ready: { readonly connectionId: string };
  /** Why the server ends it. */
  readonly bye: { readonly reason: string };
}

/** The fields of any of these. */
export type StreamFields = Partial<StreamEvents['ready'] & StreamEvents['bye']>;

/** The fields of a problem (RFC 9457) that are read. */
export interface Problem {
  readonly code?: string;
}

/** An entry of the list `likes` in the request with likes. */
export interface NewLike {
  readonly likeId: string;
  readonly reaction: string | undefined;
}

/** An entry of the list `likes` in the answer. */
export interface StoredLike {
  readonly place?: string;
  readonly [field: string]: unknown;
}

/** The claims of a token that are read. */
export interface Claims {
  readonly sub?: unknown;
  readonly exp?: number;
  readonly iat?: number;
}

/** Any event of a stream. */
export interface StreamEvent {
  readonly name: string;
  readonly data: object;
}

/** Whether an event is one of a channel. Types that a server was extended with have others. */
export function isChannelEvent(event: StreamEvent): event is ChannelEvent {
  return 'channel' in event.data;
}
