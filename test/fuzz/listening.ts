import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** The ports on which a process listens, from Linux's tables. */
export function portsOf(pid: number): number[] {
  const own = new Set(
    readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      const [, inode] = /^socket:\[(\d+)\]$/.exec(linkOf(`/proc/${pid}/fd/${fd}`)) ?? [];
      return inode === undefined ? [] : [inode];
    }),
  );
  return ['tcp', 'tcp6'].flatMap((table) => listeningIn(`/proc/net/${table}`, own));
}

const LISTENING = '0A';

function listeningIn(table: string, inodes: ReadonlySet<string>): number[] {
  const rows = readFileSync(table, 'utf8').trim().split('\n').slice(1);
  return rows.flatMap((row) => {
    const [, local = '', , state, , , , , , inode = ''] = row.trim().split(/\s+/);
    const isOwn = state === LISTENING && inodes.has(inode);
    return isOwn ? [Number.parseInt(local.split(':')[1] ?? '', 16)] : [];
  });
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return ''; // closed since
  }
}
