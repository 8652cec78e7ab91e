import { SETTING_INFO } from './setting-info';
import { count } from './shapes';

/** The limits of a process. */
export const LIMIT_SETTINGS = {
  MAX_VIEWERS: count.default(15_000).register(SETTING_INFO, {
    text: 'open streams of one process',
    note: 'Further streams get `bye` with the reason `full`.',
  }),
  MAX_UPDATES_PER_S: count.min(1).max(1_000).default(30).register(SETTING_INFO, {
    text: 'updates of a channel that a viewer is sent in a second',
    note: 'The first one after a pause is sent at once. Many viewers or a slow proxy mean fewer.',
  }),
  MAX_CHANNELS: count.default(100_000).register(SETTING_INFO, {
    text: 'channels that one process holds',
    note: 'A stream that needs more gets `bye` with the reason `full`.',
  }),
  DEDUPE_WINDOW_MS: count
    .min(1_000)
    .default(120_000)
    .register(SETTING_INFO, {
      text: 'window W in which owners find duplicates without the store',
      unit: 'ms',
      note:
        'A UUIDv7 made in the last W/4 needs no look-up in the store if it is appended within ' +
        'W/4. Owners remember ids for 1.25 W. Use the same value in every process.',
    }),
};
