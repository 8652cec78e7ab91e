import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { SETTING_NAMES } from '../../runtime/settings/settings';
import { endServers, newFolder, ROOT } from './server';

afterAll(endServers);

/** Runs likestream with these arguments; it must end by itself. */
function run(...words: string[]) {
  const folder = newFolder();
  const { status, stderr, stdout } = spawnSync(
    process.execPath,
    [join(ROOT, 'dist', 'main.js'), ...words],
    { cwd: folder, encoding: 'utf8', timeout: 10_000 },
  );
  return { status, stderr, stdout, hasStarted: existsSync(join(folder, 'data')) };
}

describe('the command line', () => {
  it.each(['--help', '-h', 'help'])('%s prints every setting and starts nothing', (word) => {
    const { hasStarted, status, stderr, stdout } = run(word);
    for (const name of SETTING_NAMES) expect(stdout).toContain(name);
    expect({ hasStarted, status, stderr }).toEqual({ hasStarted: false, status: 0, stderr: '' });
  });

  it('refuses an unknown argument with one line, and starts nothing', () => {
    const { hasStarted, status, stderr, stdout } = run('--port', '80');
    expect(stderr).toMatch(/no such option: --port 80; --help/);
    expect({ hasStarted, status, stdout }).toEqual({ hasStarted: false, status: 1, stdout: '' });
  });
});
