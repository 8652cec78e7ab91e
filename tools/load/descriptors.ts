import { readFileSync } from 'node:fs';

const LIMITS_FILE = '/proc/self/limits';

/** How many descriptors this process may hold; infinite where that can't be told. */
export function descriptorLimit(): number {
  try {
    const soft = /^Max open files\s+(\d+)/m.exec(readFileSync(LIMITS_FILE, 'utf8'))?.[1];
    return soft === undefined ? Number.POSITIVE_INFINITY : Number(soft);
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}
