import type { Answer, Snapshot } from '../types';
import type { ShownComment } from './comment-list';

/** What a page hears of a conversation. */
export interface ConversationHandlers {
  /** The comments in order, the oldest first, after each change. */
  comments?(comments: readonly ShownComment[]): void;
  /** The other members who are typing. */
  typing?(memberIds: readonly string[]): void;
  /** A member has read a newer message; `readersOf` says who has read which. */
  receipts?(): void;
  attributes?(attributes: Readonly<Record<string, unknown>>): void;
}

export interface ConversationOptions {
  /** How many of the newest comments are kept. Default: 200. */
  readonly most?: number;
  /** As for `watch`: the `id` and the state of a page that was rendered on the server. */
  readonly id?: string;
  readonly state?: Snapshot;
}

export interface Conversation {
  /**
   * Shows a comment at once, and sends it, again and again with the same id until it is stored.
   * Resolves with the answer; if that is a refusal, the comment has been removed.
   */
  comment(text: string): Promise<Answer>;
  /** Deletes a comment, for all. */
  remove(commentId: string): Promise<Answer>;
  /** Says that this member is typing; call it at each key. */
  typing(): void;
  /** Says that this member has read a message; an older one than before is not sent. */
  read(messageId: string): void;
  /** The other members who have read this message or a newer one. */
  readersOf(messageId: string): readonly string[];
  /** Reads older comments. Resolves with whether there may be more. */
  older(): Promise<boolean>;
  close(): void;
}
