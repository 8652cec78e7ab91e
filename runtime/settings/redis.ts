import { SETTING_INFO } from './setting-info';
import { text } from './shapes';

/** How Redis is reached. */
export const REDIS_SETTINGS = {
  REDIS_URL: text.default('redis://127.0.0.1:16379').register(SETTING_INFO, {
    text: 'Redis: the directory of viewers and the cache of states',
  }),
};
