import type { Context } from 'koa';

export interface CookieOptions {
  /** `none`: browsers also send the cookies with requests from pages of other sites. */
  readonly sameSite: 'lax' | 'none';
  /** Whether browsers must send the cookies over TLS alone, even if a proxy does not say so. */
  readonly isSecure: boolean;
}

const SAME_SITE = { lax: 'Lax', none: 'None' };

/** Sets cookies that scripts of pages cannot read. */
export class Cookies {
  constructor(private readonly options: CookieOptions) {}

  /** Sets a cookie; with the age 0 the browser removes it. */
  set(ctx: Context, name: string, value: string, maxAgeS: number | undefined): void {
    const { sameSite } = this.options;
    const parts = [`${name}=${value}`, 'Path=/', 'HttpOnly', `SameSite=${SAME_SITE[sameSite]}`];
    if (maxAgeS !== undefined) parts.push(`Max-Age=${maxAgeS}`);
    if (this.isSecure(ctx)) parts.push('Secure');
    ctx.append('Set-Cookie', parts.join('; '));
    ctx.set('Cache-Control', 'no-store');
  }

  private isSecure(ctx: Context): boolean {
    const { isSecure, sameSite } = this.options;
    // Browsers refuse `SameSite=None` without `Secure`. A client that lies about its protocol only
    // changes its own cookie.
    return isSecure || sameSite === 'none' || /^https\b/i.test(ctx.get('X-Forwarded-Proto'));
  }
}
