import { randomBytes } from 'node:crypto';
import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const SECRET_BYTES = 32;

/** The settings that are made, and their files. */
const SECRETS = { JWT_SECRET: 'jwt-secret', SERVICE_SECRET: 'service-secret' } as const;

/**
 * Sets each secret that the environment lacks to the one that is kept in a folder. The first
 * process that needs it makes it; all others read the same one, also at the same time.
 */
export function withSecrets(folder: string, environment: NodeJS.ProcessEnv): void {
  for (const [name, file] of Object.entries(SECRETS)) {
    // Compose passes an unset variable as an empty one.
    if (!environment[name]) environment[name] = keptIn(join(folder, file));
  }
}

function keptIn(file: string): string {
  const made = `${file}.${process.pid}-${randomBytes(4).toString('hex')}`;
  writeFileSync(made, randomBytes(SECRET_BYTES).toString('hex'), { mode: 0o600, flag: 'wx' });
  try {
    // Unlike a rename, a link replaces no file, and no reader sees a part of it.
    linkSync(made, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(made);
  }
  return readFileSync(file, 'utf8');
}

/** `node with-secrets.js FOLDER PROGRAM …` */
if (require.main === module) {
  const [node = '', , folder = '', program = '', ...rest] = process.argv;
  withSecrets(folder, process.env);
  process.argv = [node, resolve(program), ...rest];
  void import(resolve(program));
}
