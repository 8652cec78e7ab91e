import { fork } from 'node:child_process';
import { join } from 'node:path';
import type { Bare } from './bare';

/** Likes a second: enough to measure by, and little beside the load. */
const BARE_RATE = 20;

/** Runs the bare drivers beside a load, in a process of their own; undefined when that failed. */
export function bareBeside(seconds: number): Promise<Bare | undefined> {
  return new Promise((resolve) => {
    const child = fork(join(__dirname, 'bare.js'), [String(BARE_RATE), String(seconds)]);
    let result: Bare | undefined;
    child.once('message', (message) => {
      result = message as Bare;
    });
    child.once('close', () => resolve(result));
  });
}
