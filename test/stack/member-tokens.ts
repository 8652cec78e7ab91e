import { SignJWT } from 'jose';
import { JWT_SECRET } from './keys';

const key = Buffer.from(JWT_SECRET);

/** A token of a member, valid for an hour. */
export function tokenOf(memberId: string): Promise<string> {
  const claims = new SignJWT({}).setProtectedHeader({ alg: 'HS256' }).setSubject(memberId);
  return claims.setExpirationTime('1h').sign(key);
}
