import type { Context } from 'koa';
import type { Member } from './member';

/** Finds the member who sends a request. */
export interface Members {
  /**
   * The member; with `stream` also by `?access_token=`. Rejects with `unauthorized` if a token is
   * needed and missing or invalid, and with `token_expired` if its time is over.
   */
  memberOf(ctx: Context, at?: 'stream'): Promise<Member>;
}

/** Members who may keep their token in a cookie. */
export interface CookieMembers extends Members {
  /** Sets a cookie with the request's Bearer token; rejects as `memberOf`. */
  startSession(ctx: Context): Promise<void>;
  /** Removes the cookie. */
  endSession(ctx: Context): void;
}
