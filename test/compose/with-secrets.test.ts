import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withSecrets } from '../../compose/with-secrets';

const folder = mkdtempSync(join(tmpdir(), 'likestream-secrets-'));

afterAll(() => rmSync(folder, { recursive: true }));

test('the first process makes secrets that only its user can read, others read the same', () => {
  const [first, second]: NodeJS.ProcessEnv[] = [{}, { JWT_SECRET: '' }];
  withSecrets(folder, first ?? {});
  withSecrets(folder, second ?? {});
  expect(first).toEqual({
    JWT_SECRET: expect.stringMatching(/^[0-9a-f]{64}$/),
    SERVICE_SECRET: expect.stringMatching(/^[0-9a-f]{64}$/),
  });
  expect(second).toEqual(first);
  expect(readdirSync(folder)).toEqual(['jwt-secret', 'service-secret']);
  for (const file of readdirSync(folder)) {
    expect(statSync(join(folder, file)).mode & 0o777).toBe(0o600);
    expect(first?.JWT_SECRET).not.toBe(first?.SERVICE_SECRET);
  }
});

test('a secret that is set is used', () => {
  const environment: NodeJS.ProcessEnv = { JWT_SECRET: 'mine' };
  withSecrets(folder, environment);
  expect(environment).toMatchObject({ JWT_SECRET: 'mine' });
  expect(readFileSync(join(folder, 'jwt-secret'), 'utf8')).not.toBe('mine');
});

test('the program sees its own arguments', () => {
  const program = join(folder, 'program.js');
  writeFileSync(
    program,
    'process.stdout.write(JSON.stringify([process.argv.slice(1), process.env.JWT_SECRET.length]))',
  );
  const main = join(__dirname, '..', '..', 'dist', 'compose', 'with-secrets.js');
  const output = execFileSync(process.execPath, [main, folder, program, '--help'], { env: {} });
  expect(JSON.parse(output.toString())).toEqual([[program, '--help'], 64]);
});
