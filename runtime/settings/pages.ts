import { SETTING_INFO } from './setting-info';
import { list, text } from './shapes';

/** Which pages of browsers may call. */
export const PAGE_SETTINGS = {
  CORS_ORIGINS: list(text).optional().register(SETTING_INFO, {
    text: 'origins whose pages may read answers, by comma',
    unset: 'localhost and loopback, on any port',
    note: 'Compared exactly, as in `https://example.com`: no path, no final `/`, no `*`.',
  }),
};
