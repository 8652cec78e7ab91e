import { z } from 'zod';

/** The description of a setting in `--help` and docs/settings.md. */
export interface SettingInfo {
  /** A one-line definition. */
  readonly text: string;
  readonly unit?: 'ms' | 's';
  /** The behaviour without the setting, if it has no default. */
  readonly unset?: string;
  /** A key or password: it can also be read from the file that `NAME_FILE` names. */
  readonly isSecret?: true;
  /** Whether an empty value is refused, because it would mean that no key is configured. */
  readonly refusesEmpty?: true;
  /** Sentences that only docs/settings.md has. */
  readonly note?: string;
}

/** The descriptions of all settings; a test requires an entry for each. */
export const SETTING_INFO = z.registry<SettingInfo>();
