import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { SETTING_NAMES } from '../../runtime/settings/settings';
import { productVersion } from '../../runtime/version';
import { endServers, newFolder, ROOT } from './server';

afterAll(endServers);

/** Runs likestream with these arguments; it must end by itself. */
function run(...words: string[]) {
  return start(process.env, ...words);
}

function start(env: NodeJS.ProcessEnv, ...words: string[]) {
  const folder = newFolder();
  const { status, stderr, stdout } = spawnSync(
    process.execPath,
    [join(ROOT, 'dist', 'main.js'), ...words],
    { cwd: folder, encoding: 'utf8', env, timeout: 10_000 },
  );
  return { status, stderr, stdout, hasStarted: existsSync(join(folder, 'data')) };
}

describe('the command line', () => {
  it.each(['--help', '-h', 'help'])('%s prints every setting and starts nothing', (word) => {
    const { hasStarted, status, stderr, stdout } = run(word);
    for (const name of SETTING_NAMES) expect(stdout).toContain(name);
    expect({ hasStarted, status, stderr }).toEqual({ hasStarted: false, status: 0, stderr: '' });
  });

  it.each(['--version', '-v', 'version'])('%s prints the version alone', (word) => {
    const { hasStarted, status, stdout } = run(word);
    expect({ hasStarted, status }).toEqual({ hasStarted: false, status: 0 });
    expect(stdout).toBe(`${productVersion()}\n`);
  });

  it('names the setting of a port that is taken', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', () => resolve()));
    const port = String((other.address() as AddressInfo).port);
    const taken = (name: string) => {
      const free = { PORT: '0', ADMIN_PORT: '0', PUBLIC_HOST: '127.0.0.1' };
      return start({ ...process.env, ...free, [name]: port });
    };
    for (const name of ['PORT', 'ADMIN_PORT']) {
      const { status, stderr } = taken(name);
      expect(stderr).toContain(
        `port ${port} is taken: stop what uses it, or set another ${name}\n`,
      );
      expect(status).toBe(1);
    }
    other.close();
  });

  it('refuses an unknown argument with one line, and starts nothing', () => {
    const { hasStarted, status, stderr, stdout } = run('--port', '80');
    expect(stderr).toMatch(/no such option: --port 80; --help/);
    expect({ hasStarted, status, stdout }).toEqual({ hasStarted: false, status: 1, stdout: '' });
  });
});
