import { readdirSync, readFileSync } from 'node:fs';

const PAGE_BYTES = 4_096;
const TICKS_PER_SECOND = 100;
const KILOBYTE = 1_024;

/** Fields of /proc/PID/stat after the program's name, which may hold spaces itself. */
const PARENT_FIELD = 1;
const USER_FIELD = 11;
const SYSTEM_FIELD = 12;
const START_FIELD = 19;

/** A process and all its descendants now. */
export function treeOf(root: number): number[] {
  const children = new Map<number, number[]>();
  for (const name of readdirSync('/proc')) {
    const parent = Number(statOf(name)?.[PARENT_FIELD] ?? Number.NaN);
    if (!Number.isNaN(parent))
      children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
  }
  const tree = [root];
  for (const pid of tree) tree.push(...(children.get(pid) ?? []));
  return tree;
}

/** A process id may be used again; with its start time it identifies one process. */
export function identityOf(pid: number): string | undefined {
  const started = statOf(String(pid))?.[START_FIELD];
  return started && `${pid} ${started}`;
}

/** User and system time of these processes so far, s; of all their threads. */
export function cpuSeconds(pids: readonly number[]): number {
  return sum(pids, (pid) => {
    const stat = statOf(String(pid));
    return (Number(stat?.[USER_FIELD] ?? 0) + Number(stat?.[SYSTEM_FIELD] ?? 0)) / TICKS_PER_SECOND;
  });
}

/** The busy time of all processors so far, s; with that of the kernel. */
export function machineSeconds(): number {
  const [, user, nice, system, , , irq, softirq] = (read('/proc/stat') ?? '').split(/\s+/);
  const ticks = [user, nice, system, irq, softirq].map(Number).reduce((sum, each) => sum + each, 0);
  return ticks / TICKS_PER_SECOND;
}

/** Proportional set size, bytes: memory that processes share is counted once. */
export function pssBytes(pids: readonly number[]): number {
  return sum(pids, (pid) => rolledUp(pid, /^Pss:\s+(\d+)/m));
}

/** The part of it in pages of files: programs, libraries, a database. */
export function mappedBytes(pids: readonly number[]): number {
  return sum(pids, (pid) => rolledUp(pid, /^Pss_File:\s+(\d+)/m));
}

/** Open descriptors of these processes. */
export function descriptors(pids: readonly number[]): number {
  return sum(pids, (pid) => {
    try {
      return readdirSync(`/proc/${pid}/fd`).length;
    } catch {
      return 0;
    }
  });
}

/** Kernel memory of the machine's sockets and files, bytes: objects and queues. */
export function kernelBytes(): { readonly objects: number; readonly queued: number } {
  const slab = Number(/^Slab:\s+(\d+)/m.exec(read('/proc/meminfo') ?? '')?.[1] ?? 0);
  const pages = Number(/^TCP:.* mem (\d+)/m.exec(read('/proc/net/sockstat') ?? '')?.[1] ?? 0);
  return { objects: slab * KILOBYTE, queued: pages * PAGE_BYTES };
}

function rolledUp(pid: number, line: RegExp): number {
  return Number(line.exec(read(`/proc/${pid}/smaps_rollup`) ?? '')?.[1] ?? 0) * KILOBYTE;
}

function statOf(pid: string): string[] | undefined {
  if (!/^\d+$/.test(pid)) return undefined;
  const stat = read(`/proc/${pid}/stat`);
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
}

function sum(pids: readonly number[], of: (pid: number) => number): number {
  return pids.reduce((total, pid) => total + of(pid), 0);
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
