import type { Command } from 'commander';
import { ROOT } from '../../compose/native/folders';
import type { Progress } from '../../compose/native/progress';
import { whole } from '../whole';
import { leaveServerCore } from './cores';
import type { Crew } from './crew';
import { type OverloadAsked, type Overloaded, overload } from './overload';

const BYTES_PER_MIB = 2 ** 20;

interface Options extends OverloadAsked {
  readonly batches: readonly number[];
  readonly json: boolean;
}

/** Adds the command that sends more than a server can take. */
export function addOverload(program: Command, crew: Crew, progress: Progress): void {
  program
    .command('overload')
    .argument('[checkouts...]', 'builds to measure in turn (default: this one)')
    .description('several times what one core can take: singles, then lists of 50')
    .option('--times <n>', 'the load, as a multiple of what is accepted', whole(1), 3)
    .option('--viewers <n>', 'viewers of the video', whole(1), 100)
    .option('--connections <n>', 'connections that post', whole(1), 16_000)
    .option('--batches <sizes>', 'likes in one post, by comma', sizesOf, [1, 50])
    .option('--seconds <n>', 'time under that load', whole(1), 60)
    .option('--json', 'prints JSON', false)
    .action(async (checkouts: string[], { batches, json, ...asked }: Options) => {
      leaveServerCore();
      const all: Overloaded[] = [];
      for (const batch of batches) {
        for (const checkout of checkouts.length > 0 ? checkouts : [ROOT]) {
          all.push(await overload(crew, { batch, checkout }, asked, progress));
        }
      }
      process.stdout.write(`${json ? JSON.stringify(all, undefined, 1) : overloadText(all)}\n`);
      if (all.some(({ exact }) => !exact)) process.exitCode = 1;
    });
}

/** One block of lines for each measurement. */
export function overloadText(all: readonly Overloaded[]): string {
  return all.map(textOf).join('\n\n');
}

function textOf(one: Overloaded): string {
  const { accepted, acceptedMs, before, capacity, during, memory, sent } = one;
  const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
  const mib = (bytes: number): string => (bytes / BYTES_PER_MIB).toFixed(0);
  return [
    `${one.batch === 1 ? 'single likes' : `lists of ${one.batch}`}, ${one.checkout}`,
    `64 connections: ${capacity.toFixed(0)} likes/s; sent: ${sent.toFixed(0)} likes/s`,
    `accepted: ${accepted.toFixed(0)} likes/s, ` +
      `p50 ${acceptedMs.p50.toFixed(0)} ms, p99 ${acceptedMs.p99.toFixed(0)} ms`,
    `refused: ${percent(one.refusedShare)} of the answers; ` +
      `left out, for want of a connection: ${percent(one.unsentShare)}`,
    `viewers: p50 ${during.p50Ms.toFixed(0)} ms, p99 ${during.p99Ms.toFixed(0)} ms ` +
      `(before: ${before.p50Ms.toFixed(0)}, ${before.p99Ms.toFixed(0)})`,
    `normal after ${one.recoveryS} s; ${one.exact ? 'exact' : 'NOT EXACT'}; ` +
      `${mib(memory.before)} → ${mib(memory.after)} MiB`,
    `cores: server ${during.cores.toFixed(2)}, viewers ${during.clientCores.toFixed(2)}, ` +
      `posts and others ${during.elsewhereCores.toFixed(2)}`,
  ].join('\n');
}

function sizesOf(text: string): number[] {
  return text.split(',').map((size) => whole(1)(size));
}
