import { createHmac, type KeyObject, sign } from 'node:crypto';

/** A key of these tests. */
export const SECRET = 'a secret of these tests, and of no other';

function part(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

/** A token with these claims; `alg` is a HMAC, or `none`. */
export function token(claims: object, secret = SECRET, alg = 'HS256'): string {
  const text = `${part({ alg })}.${part(claims)}`;
  if (alg === 'none') return `${text}.`;
  const hash = alg.replace('HS', 'sha');
  return `${text}.${createHmac(hash, secret).update(text).digest('base64url')}`;
}

/** A token that an RSA key signs. */
export function signedToken(claims: object, key: KeyObject, header: object = {}): string {
  const text = `${part({ alg: 'RS256', ...header })}.${part(claims)}`;
  return `${text}.${sign('sha256', Buffer.from(text), key).toString('base64url')}`;
}
