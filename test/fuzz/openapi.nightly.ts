import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { endServers, Server } from '../end-to-end/server';

const LINTER = '@redocly/cli@2.77.0';
const FUZZER = 'schemathesis==4.32.5';
const CHECKS = [
  ...['not_a_server_error', 'status_code_conformance', 'content_type_conformance'],
  'response_schema_conformance',
];
const NIGHT_MS = 1_800_000;

/** Where the fuzzer is installed, once. */
const FOLDER = join(homedir(), '.cache', 'likestream', FUZZER);

let server: Server;
beforeAll(async () => {
  server = await Server.start({ env: { LOG_LEVEL: 'error' } });
}, NIGHT_MS);
afterAll(endServers);

/** Runs a program; throws with its output unless it ends with 0. */
function run(program: string, ...args: string[]): string {
  const { status, stderr, stdout } = spawnSync(program, args, { cwd: tmpdir(), encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} ended with ${status}\n${stdout}\n${stderr}`);
  return stdout;
}

test(
  'a linter accepts /openapi.yaml',
  () => {
    run('npx', '--yes', LINTER, 'lint', join(__dirname, '..', '..', 'docs', 'openapi.yaml'));
  },
  NIGHT_MS,
);

test(
  'schemathesis finds no answer that /openapi.yaml does not describe',
  () => {
    const program = join(FOLDER, 'bin', 'schemathesis');
    if (!existsSync(program)) {
      run('python3', '-m', 'venv', FOLDER);
      run(join(FOLDER, 'bin', 'pip'), 'install', '--quiet', FUZZER);
    }
    const examples = process.env.FUZZ_EXAMPLES ?? '500';
    const said = run(
      program,
      ...['run', `${server.url}/openapi.yaml`, '--url', server.url],
      ...['--checks', CHECKS.join(), '--max-examples', examples],
      // A stream does not end; test/fuzz/requests.ts has its inputs.
      ...['--exclude-path', '/stream', '--phases', 'examples,coverage,fuzzing'],
    );
    process.stderr.write(
      `${said
        .split('\n')
        .filter((line) => /generated|Seed/.test(line))
        .join('\n')}\n`,
    );
  },
  NIGHT_MS,
);
