import type { Command } from 'commander';
import type { Progress } from '../../compose/native/progress';
import { whole } from '../whole';
import { type AttackAsked, type Attacked, attack } from './attack';
import { leaveServerCore } from './cores';
import type { Crew } from './crew';
import type { Window } from './measure';

const BYTES_PER_MIB = 2 ** 20;

/** Adds the command that attacks a server beside honest viewers. */
export function addAttack(program: Command, crew: Crew, progress: Progress): void {
  program
    .command('attack')
    .description('slow heads, viewers that never read, bad requests and floods beside honest ones')
    .option('--viewers <n>', 'honest viewers', whole(1), 1_000)
    .option('--likes <n>', 'honest likes a second', whole(1), 100)
    .option('--slow <n>', 'connections that send a head byte by byte', whole(0), 5_000)
    .option('--never-reading <n>', 'viewers that never read', whole(1), 2_000)
    .option('--bad <n>', 'bad requests a second', whole(0), 10_000)
    .option('--floods <n>', 'a second: 64 requests at once on a connection', whole(0), 50)
    .option('--seconds <n>', 'time before, during and after', whole(1), 60)
    .option('--json', 'prints JSON', false)
    .action(async ({ json, ...asked }: AttackAsked & { readonly json: boolean }) => {
      leaveServerCore();
      const attacked = await attack(crew, asked, progress);
      const text = json ? JSON.stringify(attacked, undefined, 1) : attackText(attacked, asked);
      process.stdout.write(`${text}\n`);
      if (!attacked.exact) process.exitCode = 1;
    });
}

/** The figures as lines. */
export function attackText(one: Attacked, { seconds }: Pick<AttackAsked, 'seconds'>): string {
  const { after, attacks, before, during, memory } = one;
  const of = (name: string, { clientCores, cores, p50Ms, p90Ms, p99Ms }: Window): string =>
    `${name}: p50 ${p50Ms.toFixed(0)}, p90 ${p90Ms.toFixed(0)}, p99 ${p99Ms.toFixed(0)} ms; ` +
    `server ${cores.toFixed(2)} cores, viewers ${clientCores.toFixed(2)}`;
  const mib = (bytes: number): string => (bytes / BYTES_PER_MIB).toFixed(0);
  return [
    of('before', before),
    of('during', during),
    of('after', after),
    `p99 during: ${(during.p99Ms / before.p99Ms).toFixed(1)} × before; in windows of ${seconds} s`,
    `attackers: ${one.attackerCores.toFixed(2)} cores, ${attacks.slowOpen} slow connections open ` +
      `(${attacks.slowClosed} closed), ${attacks.bad} bad requests, ${attacks.floods} floods, ` +
      `${one.letGo} viewers that never read let go`,
    `memory: ${mib(memory.before)} → ${mib(memory.during)} → ${mib(memory.after)} MiB`,
    `honest posts refused: ${one.refused}; ${one.exact ? 'exact' : 'NOT EXACT'}`,
  ].join('\n');
}
