import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder, ROOT } from '../../compose/native/folders';

const FLAGS = ['-std=c11', '-O2', '-Wall', '-Wextra', '-Werror'];
const COMPILERS = ['cc', 'gcc', 'clang'];
const HASH_LENGTH = 16;

/** The folder of the sources, also for the compiled bench. */
export const BENCH_FOLDER = join(ROOT, 'tools', 'bench');

/** Programs in C; each is a folder of sources. */
export type Native = 'attack' | 'client' | 'limit';

/** The folder of built and fetched programs, shared by all checkouts. */
export function benchCache(...parts: string[]): string {
  const folder = join(cacheFolder(), 'bench', ...parts);
  mkdirSync(folder, { recursive: true });
  return folder;
}

/** The path of a compiled program; compiles it if the sources have changed. */
export function buildNative(name: Native): string {
  const folder = join(BENCH_FOLDER, name);
  const files = readdirSync(folder).sort();
  const hash = createHash('sha256').update(FLAGS.join(' '));
  for (const file of files) hash.update(file).update(readFileSync(join(folder, file)));
  const built = join(benchCache('native'), `${name}-${hash.digest('hex').slice(0, HASH_LENGTH)}`);
  if (existsSync(built)) return built;
  const sources = files.filter((file) => file.endsWith('.c')).map((file) => join(folder, file));
  const unfinished = `${built}.${process.pid}`;
  compile([...FLAGS, '-o', unfinished, ...sources]);
  renameSync(unfinished, built);
  return built;
}

function compile(args: readonly string[]): void {
  const compiler = COMPILERS.find((name) => spawnSync(name, ['--version']).status === 0);
  if (!compiler) throw new Error('a C compiler is missing: apt-get install gcc libc6-dev');
  const { status, stderr } = spawnSync(compiler, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`the load client did not compile:\n${stderr}`);
}
