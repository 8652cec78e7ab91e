import { SignJWT } from 'jose';
import type { AppPlan } from './plan';

const VALID_FOR = '24h';

/** A token for the member demo. */
export function demoToken({ jwtSecret }: Pick<AppPlan, 'jwtSecret'>): Promise<string> {
  const claims = new SignJWT({}).setProtectedHeader({ alg: 'HS256' }).setSubject('demo');
  return claims.setExpirationTime(VALID_FOR).sign(Buffer.from(jwtSecret));
}
