import { readFileSync } from 'node:fs';
import { SETTING_INFO, type SettingInfo } from './setting-info';
import { SETTINGS_SHAPE } from './table';

const SUFFIX = '_FILE';

/** The names of all settings that are secrets. */
export const SECRET_NAMES = namesWhere(({ isSecret }) => isSecret);

/** The names of all settings of which an empty value is refused and not ignored. */
export const NEVER_EMPTY = namesWhere(({ isSecret, refusesEmpty }) => isSecret || refusesEmpty);

/**
 * The environment with the secrets that files hold: `NAME_FILE` names the file of `NAME`. A line
 * break at its end is left out. Throws an Error if both are given, if a path is empty, or if a file
 * cannot be read.
 */
export function withSecretFiles(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const read: NodeJS.ProcessEnv = {};
  for (const name of SECRET_NAMES) {
    const path = environment[name + SUFFIX];
    if (path === undefined) continue;
    if (path === '') throw new Error(`${name}${SUFFIX} is empty: unset it, or name a file`);
    if (environment[name] !== undefined) {
      throw new Error(`${name} and ${name}${SUFFIX} are both set: unset one of them`);
    }
    read[name] = secretIn(path, name + SUFFIX);
  }
  return { ...environment, ...read };
}

function namesWhere(isWanted: (info: SettingInfo) => true | undefined): string[] {
  return Object.entries(SETTINGS_SHAPE.shape).flatMap(([name, type]) => {
    const info = SETTING_INFO.get(type);
    return info && isWanted(info) ? [name] : [];
  });
}

function secretIn(path: string, setting: string): string {
  try {
    return readFileSync(path, 'utf8').replace(/\r?\n$/, '');
  } catch (error) {
    const { code } = Object(error) as { readonly code?: string };
    throw new Error(`${setting}: the file ${path} cannot be read (${code ?? error})`);
  }
}
