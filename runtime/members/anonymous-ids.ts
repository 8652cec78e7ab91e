import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Context } from 'koa';
import { BoundedMap } from '../bounded-map';
import type { Entropy } from '../entropy';
import type { Cookies } from './cookies';

const COOKIE = 'likestream_member';
const COOKIE_S = 365 * 24 * 3_600;
const SIGNED = /^(anonymous-[0-9a-f]{32})\.([A-Za-z0-9_-]{43})$/;

/** Verified cookies kept, at about 250 bytes each. */
const MAX_VERIFIED = 20_000;

export interface AnonymousIdsOptions {
  /** The keys that sign the ids, read at first use; the first one signs, all are accepted. */
  readonly keys: () => readonly Buffer[];
  readonly entropy: Entropy;
  readonly cookies: Cookies;
}

/** Ids of members without a token, in a signed cookie: a client cannot make up an id. */
export class AnonymousIds {
  /** By the value of the cookie: a browser sends the same one with each request. */
  private readonly verified = new BoundedMap<string, string>(MAX_VERIFIED);
  private loadedKeys: readonly Buffer[] | undefined;

  constructor(private readonly options: AnonymousIdsOptions) {}

  /** The id in a request's cookie; undefined if it has none, or another one has signed it. */
  idIn(ctx: Context): string | undefined {
    const value = ctx.cookies.get(COOKIE);
    if (value === undefined) return undefined;
    const known = this.verified.get(value);
    if (known !== undefined) return known;
    const [, id, signature] = SIGNED.exec(value) ?? [];
    if (id === undefined || signature === undefined) return undefined;
    const given = Buffer.from(signature, 'base64url');
    if (!this.keys.some((key) => timingSafeEqual(sign(id, key), given))) return undefined;
    const own = copyOf(id);
    this.verified.set(copyOf(value), own);
    return own;
  }

  /** Makes an id; if the answer may set cookies, the client keeps it. */
  make(ctx: Context, setsCookie: boolean): string {
    const id = `anonymous-${this.options.entropy.secretId()}`;
    const [key] = this.keys;
    if (!setsCookie || !key) return id;
    const value = `${id}.${sign(id, key).toString('base64url')}`;
    this.options.cookies.set(ctx, COOKIE, value, COOKIE_S);
    return id;
  }

  private get keys(): readonly Buffer[] {
    this.loadedKeys ??= this.options.keys();
    return this.loadedKeys;
  }
}

// V8's part of a text keeps the whole text: here all cookies of a request.
function copyOf(text: string): string {
  return Buffer.from(text, 'latin1').toString('latin1');
}

function sign(id: string, key: Buffer): Buffer {
  return createHmac('sha256', key).update(id).digest();
}
