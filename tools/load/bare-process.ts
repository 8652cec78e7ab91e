import { fork } from 'node:child_process';
import { join } from 'node:path';
import type { Bare } from './bare';

/** Likes a second: enough for quantiles, and few beside the load. */
const BARE_RATE = 20;

/** Measures the drivers without likestream in a child process; undefined if that fails. */
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
