import { readFileSync } from 'node:fs';

const LIMITS_FILE = '/proc/self/limits';

/** The limit of this process's descriptors; infinite if the system does not show it. */
export function descriptorLimit(): number {
  try {
    const soft = /^Max open files\s+(\d+)/m.exec(readFileSync(LIMITS_FILE, 'utf8'))?.[1];
    return soft === undefined ? Number.POSITIVE_INFINITY : Number(soft);
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}
