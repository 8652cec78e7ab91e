import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../compose/native/folders';

const LINE = /^ACL SETUSER (likestream reset on >PASSWORD .*)$/m;

/** A line of `redis.conf` for the user of docs/operating.md, with exactly the rights there. */
export function documentedUser(password: string): string {
  const page = readFileSync(join(ROOT, 'docs', 'operating.md'), 'utf8');
  const rights = LINE.exec(page)?.[1];
  if (rights === undefined) throw new Error('docs/operating.md has no line ACL SETUSER likestream');
  return `user ${rights.replace('PASSWORD', password)}`;
}
