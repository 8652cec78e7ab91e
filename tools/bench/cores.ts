import { spawnSync } from 'node:child_process';
import { cpus } from 'node:os';

/** The core of the measured server, and that of its load. */
export const SERVER_CORE = 0;
export const CLIENT_CORE = 1;

/** Moves this process to the client's core, so that it takes no time from the server's core. */
export function leaveServerCore(): void {
  setCores(String(CLIENT_CORE));
}

/** Lets this process use all cores, and the processes that it starts without a core. */
export function useAllCores(): void {
  setCores(`0-${cpus().length - 1}`);
}

function setCores(list: string): void {
  spawnSync('taskset', ['-a', '-cp', list, String(process.pid)]);
}
