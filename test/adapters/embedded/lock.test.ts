import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { lockError, lockFolder } from '../../../adapters/embedded/lock';

const SOURCE = join(__dirname, '..', '..', '..', 'adapters', 'embedded', 'lock.ts');

/** Runs the lock's source in another process: locks the folder, prints the outcome, and waits. */
const TAKER = `
  const { transformFileSync } = require('@swc/core');
  const jsc = { parser: { syntax: 'typescript' }, target: 'es2022' };
  const options = { jsc, module: { type: 'commonjs' } };
  const { code } = transformFileSync(${JSON.stringify(SOURCE)}, options);
  const lock = { exports: {} };
  new Function('require', 'module', 'exports', code)(require, lock, lock.exports);
  try {
    lock.exports.lockFolder(process.argv[1]);
    process.stdout.write('taken');
  } catch (error) {
    process.stdout.write(error.message);
  }
  process.stdin.resume();
  process.stdin.on('end', () => process.exit(0));
`;

describe('lockFolder', () => {
  const folder = mkdtempSync(join(tmpdir(), 'likestream-lock-'));
  const children: ChildProcess[] = [];

  async function takeElsewhere(): Promise<{ child: ChildProcess; said: string }> {
    const child = spawn(process.execPath, ['-e', TAKER, folder], { cwd: process.cwd() });
    children.push(child);
    const [said] = await once(child.stdout, 'data');
    return { child, said: String(said) };
  }

  async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
  }

  afterEach(async () => {
    for (const child of children.splice(0)) {
      if (child.exitCode === null && child.signalCode === null) await end(child, 'SIGKILL');
    }
  });

  afterAll(() => rmSync(folder, { recursive: true }));

  it('refuses a second lock by another process, with advice', async () => {
    const unlock = lockFolder(folder);
    const { said } = await takeElsewhere();
    expect(said).toContain(folder);
    expect(said).toContain('in use');
    unlock();
  });

  it('unlocks by the returned function', async () => {
    lockFolder(folder)();
    const { said } = await takeElsewhere();
    expect(said).toBe('taken');
  });

  it('is unlocked by the kernel when its process is killed', async () => {
    const { child, said } = await takeElsewhere();
    expect(said).toBe('taken');
    expect(() => lockFolder(folder)).toThrow('in use');
    await end(child, 'SIGKILL');
    lockFolder(folder)();
  });

  it('refuses a second lock by the same process', () => {
    const unlock = lockFolder(folder);
    expect(() => lockFolder(folder)).toThrow('in use');
    unlock();
  });

  it('creates a missing folder', () => {
    const deep = join(folder, 'not', 'there');
    lockFolder(deep)();
    expect(existsSync(deep)).toBe(true);
  });

  it('names the reason if the system refuses the lock for another one', () => {
    const { message } = lockError(folder, constants.errno.ENOLCK);
    expect(message).toBe(`${folder} cannot be locked: ENOLCK`);
  });
});
