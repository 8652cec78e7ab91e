import { SignJWT } from 'jose';
import type { AppPlan } from './plan';

const GOOD_FOR = '24h';

/** A token for a member called demo. */
export function demoToken({ jwtSecret }: Pick<AppPlan, 'jwtSecret'>): Promise<string> {
  const claims = new SignJWT({}).setProtectedHeader({ alg: 'HS256' }).setSubject('demo');
  return claims.setExpirationTime(GOOD_FOR).sign(Buffer.from(jwtSecret));
}
