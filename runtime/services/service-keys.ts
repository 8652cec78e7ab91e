import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto';

/** What a code is for: a code for one purpose is never valid for another one. */
export type Purpose = 'call' | 'answer' | 'refusal' | 'lease' | 'state';

/**
 * The secret that all processes of an installation share, and message authentication codes by it
 * (HMAC-SHA-256, RFC 2104). It may be two secrets separated by a comma: the first one signs, and
 * codes by either are valid, so that a secret can be replaced while all processes run.
 */
export class ServiceKeys {
  private readonly keys: readonly KeyObject[];

  constructor(secret: string) {
    this.keys = secret.split(',').map((each) => createSecretKey(Buffer.from(each.trim())));
  }

  /** The code of these parts, base64url. */
  sign(purpose: Purpose, parts: readonly (string | number)[], body: string | Buffer = ''): string {
    const [first] = this.keys;
    if (!first) throw new Error('there is no service secret');
    return codeOf(first, purpose, parts, body).toString('base64url');
  }

  /** Whether `code` is the code of these parts by one of the secrets. */
  isSigned(
    code: string,
    purpose: Purpose,
    parts: readonly (string | number)[],
    body: string | Buffer = '',
  ): boolean {
    const given = Buffer.from(code, 'base64url');
    return this.keys.some((key) => {
      const right = codeOf(key, purpose, parts, body);
      return given.length === right.length && timingSafeEqual(given, right);
    });
  }
}

// JSON separates the parts, and has no line break: so no other parts give the same bytes.
function codeOf(
  key: KeyObject,
  purpose: Purpose,
  parts: readonly (string | number)[],
  body: string | Buffer,
): Buffer {
  return createHmac('sha256', key)
    .update(`${JSON.stringify([purpose, ...parts])}\n`)
    .update(body)
    .digest();
}
