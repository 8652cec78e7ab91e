import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { z } from 'zod';
import { productFolder } from '../version';
import { settingProblems } from './checks';
import { NEVER_EMPTY, withSecretFiles } from './secret-files';
import { SETTING_INFO } from './setting-info';
import { SETTINGS_SHAPE } from './table';

const NAME_WIDTH = 28;

const SETTINGS_PAGE = join(productFolder(), 'docs', 'settings.md');

export type Settings = z.infer<typeof SETTINGS_SHAPE>;

/** The names of all settings. */
export const SETTING_NAMES = Object.keys(SETTINGS_SHAPE.shape);

/**
 * Reads the settings, each secret also from a file; throws an Error that lists each invalid one.
 * Empty values are ignored, but an empty key is invalid: it would open the embedded mode.
 */
export function readSettings(environment: NodeJS.ProcessEnv): Settings {
  const given = Object.entries(withSecretFiles(environment)).filter(
    ([name, value]) => value !== '' || NEVER_EMPTY.includes(name),
  );
  const parsed = SETTINGS_SHAPE.safeParse(Object.fromEntries(given));
  const wrong = parsed.success
    ? settingProblems(parsed.data)
    : parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  if (parsed.success && wrong.length === 0) return parsed.data;
  throw new Error(['these settings are wrong:', ...wrong].join('\n  '));
}

/** The default of a setting as text; undefined if it has none. */
export function defaultOf(type: z.ZodType): string | undefined {
  const parsed = type.safeParse(undefined);
  return parsed.success && parsed.data !== undefined ? String(parsed.data) : undefined;
}

/** The text of `--help`, with the commands of a clone if `npm start` runs it, else of a package. */
export function settingsHelp({ npm_lifecycle_event: script }: NodeJS.ProcessEnv = {}): string {
  const [start, token] =
    script === 'start'
      ? ['npm start', 'npm run token -- --help']
      : ['npx likestream', 'npx likestream-token --help'];
  const lines = Object.entries(SETTINGS_SHAPE.shape).map(([name, type]) => {
    const { text, unit, unset } = SETTING_INFO.get(type) ?? { text: '' };
    const value = defaultOf(type) ?? `unset: ${unset}`;
    const shown = value === '' ? '' : ` (${value}${unit ? ` ${unit}` : ''})`;
    return `  ${name.padEnd(NAME_WIDTH)}${text}${shown}`.replaceAll('`', '');
  });
  return [
    `${start}: everything in this process, kept in ./data; stop with Ctrl-C.`,
    `${token} says how to make a token of a member.`,
    '',
    `Settings are environment variables, as in PORT=80 ${start} (defaults in brackets):`,
    ...lines,
    '',
    // An image of containers has no documents.
    ...(existsSync(SETTINGS_PAGE) ? [`More of each: ${SETTINGS_PAGE}`] : []),
  ].join('\n');
}
