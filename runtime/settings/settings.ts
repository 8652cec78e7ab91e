import type { z } from 'zod';
import { settingProblems } from './checks';
import { NEVER_EMPTY, withSecretFiles } from './secret-files';
import { SETTING_INFO } from './setting-info';
import { SETTINGS_SHAPE } from './table';

const NAME_WIDTH = 28;

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

/** The text of `--help`. */
export function settingsHelp(): string {
  const lines = Object.entries(SETTINGS_SHAPE.shape).map(([name, type]) => {
    const { text, unit, unset } = SETTING_INFO.get(type) ?? { text: '' };
    const value = defaultOf(type) ?? `unset: ${unset}`;
    const shown = value === '' ? '' : ` (${value}${unit ? ` ${unit}` : ''})`;
    return `  ${name.padEnd(NAME_WIDTH)}${text}${shown}`.replaceAll('`', '');
  });
  return [
    'npm start: everything in this process, kept in ./data; stop with Ctrl-C.',
    '',
    'Settings are environment variables, as in PORT=80 npm start (defaults in brackets):',
    ...lines,
    '',
    'docs/settings.md says more of each, and docker compose runs the whole system:',
    'compose/README.md.',
  ].join('\n');
}
