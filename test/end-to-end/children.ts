import { readdirSync, readFileSync } from 'node:fs';

/** The processes that a process has started. */
export function childrenOf(parent: number): number[] {
  const isChild = (pid: string): boolean => {
    try {
      const [, rest = ''] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ');
      return Number(rest.split(' ')[1]) === parent;
    } catch {
      return false;
    }
  };
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && isChild(name))
    .map(Number);
}
