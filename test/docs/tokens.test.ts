import { execFileSync, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock as clock } from '../../runtime/clock';
import { REASONS } from '../../runtime/members/refusal';
import { SecretKey } from '../../runtime/members/token-keys';
import { TokenVerifier } from '../../runtime/members/token-verifier';
import { endServers, newFolder } from '../end-to-end/server';
import { SECRET } from '../runtime/members/tokens';
import { blocksOf, codeIn, fileText, rowsOf, sectionOf } from './page';

const PAGE = fileText('docs/tokens.md');

/** The first run of a Go program compiles the standard library. */
const RUN_MS = 120_000;

const PROGRAMS = [
  { language: 'js', file: 'token.js', command: [process.execPath] },
  { language: 'python', file: 'token.py', command: ['python3'] },
  { language: 'go', file: 'token.go', command: ['go', 'run'], version: 'version' },
];

afterAll(endServers);

/** Whether a program can be run here; on the machines of CI all of them must be. */
function isInstalled(command: string, version = '--version'): boolean {
  return process.env.CI !== undefined || spawnSync(command, [version]).status === 0;
}

/** Runs the first program of a language with each way to its key; returns what it prints. */
function outputsOf({ command, file, language }: (typeof PROGRAMS)[number]): string[] {
  const programs = blocksOf(sectionOf(PAGE, '## Make one'));
  const { text = '' } = programs.find((block) => block.language === language) ?? {};
  const folder = newFolder();
  writeFileSync(join(folder, file), text);
  const [program = '', ...rest] = command;
  const cache = process.env.GOCACHE ?? join(folder, 'cache');
  const keyFile = join(folder, 'jwt.key');
  writeFileSync(keyFile, `${SECRET}\n`);
  return [{ JWT_SECRET: SECRET }, { JWT_SECRET_FILE: keyFile }].map((key) => {
    const env = { ...process.env, ...key, GOCACHE: cache, GOFLAGS: '-mod=mod' };
    return execFileSync(program, [...rest, file], { cwd: folder, env, encoding: 'utf8' });
  });
}

describe('a program of docs/tokens.md', () => {
  for (const program of PROGRAMS) {
    const [command = ''] = program.command;
    const test = isInstalled(command, program.version) ? it : it.skip;
    test(
      `in ${program.language} prints a valid token (needs ${command})`,
      async () => {
        const keys = new SecretKey(SECRET);
        const options = { keys, memberClaim: 'sub', requiresExpiry: true, clock };
        for (const output of outputsOf(program)) {
          const member = await new TokenVerifier(options).verify(output.trim());
          expect(member).toMatchObject({
            id: 'ann',
            rights: { claim: { watch: ['video:*'], write: ['likes:*', 'comments:*'] } },
          });
        }
      },
      RUN_MS,
    );
  }
});

it('docs/tokens.md has each reason of a refusal', () => {
  const rows = rowsOf(sectionOf(PAGE, '## What goes wrong'));
  const names = rows.flatMap(([names = '']) => [...names.matchAll(/`(\w+)`/g)].map(([, it]) => it));
  expect(names).toEqual(Object.keys(REASONS));
  for (const [cell, detail = ''] of rows) {
    const [name] = Object.entries(REASONS).find(([reason]) => reason === codeIn(cell)) ?? [];
    const words = REASONS[name as keyof typeof REASONS];
    expect(detail.split(';')[0]).toBe(words);
  }
});
