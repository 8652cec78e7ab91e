import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/** Whether a program can be run by its name. */
export function isOnPath(name: string): boolean {
  const folders = [...(process.env.PATH ?? '').split(':'), '/usr/sbin'];
  return folders.some((folder) => existsSync(`${folder}/${name}`));
}

/** Runs a command to its end; throws with its last output. */
export function runToEnd(file: string, args: readonly string[], folder?: string): void {
  const { error, status, stderr } = spawnSync(file, args, {
    cwd: folder,
    encoding: 'utf8',
    timeout: 600_000,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  if (status !== 0) {
    const words = error?.message ?? stderr.trimEnd().split('\n').slice(-3).join('\n');
    throw new Error(`${file} ${args.join(' ')}: ${words}`);
  }
}

/** Installs Debian packages, as root or with a sudo that needs no password. */
export function installDebian(...packages: string[]): void {
  const args = ['install', '-y', '-qq', '--no-install-recommends', ...packages];
  if (process.getuid?.() === 0) runToEnd('apt-get', args);
  else runToEnd('sudo', ['-n', 'apt-get', ...args]);
}
