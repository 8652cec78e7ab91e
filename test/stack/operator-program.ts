import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from '../../compose/native/folders';
import { SERVICE_SECRET } from './keys';

/** The exit code of a program, and its output. */
export interface ProgramResult {
  readonly code: number | null;
  readonly output: string;
}

/** Runs a compiled program of `tools` to its end. */
export function runOperatorProgram(
  name: 'drain' | 'recount',
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<ProgramResult> {
  const { PATH = '' } = process.env;
  const file = join(ROOT, 'dist', 'tools', name, 'main.js');
  const child = spawn(process.execPath, [file, ...args], { env: { PATH, SERVICE_SECRET, ...env } });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk;
    });
  }
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, output })));
}
