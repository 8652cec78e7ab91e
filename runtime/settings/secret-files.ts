import { readFileSync } from 'node:fs';
import { SETTING_INFO } from './setting-info';
import { SETTINGS_SHAPE } from './table';

const SUFFIX = '_FILE';

/** The names of all settings that are secrets. */
export const SECRET_NAMES = Object.entries(SETTINGS_SHAPE.shape)
  .filter(([, type]) => SETTING_INFO.get(type)?.isSecret)
  .map(([name]) => name);

/**
 * The environment with the secrets that files hold: `NAME_FILE` names the file of `NAME`. A line
 * break at its end is left out. Throws an Error if both are given, or if a file cannot be read.
 */
export function withSecretFiles(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const read: NodeJS.ProcessEnv = {};
  for (const name of SECRET_NAMES) {
    const path = environment[name + SUFFIX];
    if (!path) continue;
    if (environment[name] !== undefined) {
      throw new Error(`${name} and ${name}${SUFFIX} are both set: unset one of them`);
    }
    read[name] = secretIn(path, name + SUFFIX);
  }
  return { ...environment, ...read };
}

function secretIn(path: string, setting: string): string {
  try {
    return readFileSync(path, 'utf8').replace(/\r?\n$/, '');
  } catch (error) {
    const { code } = Object(error) as { readonly code?: string };
    throw new Error(`${setting}: the file ${path} cannot be read (${code ?? error})`);
  }
}
