import { z } from 'zod';
import { parseOrigin } from '../origins';
import { SETTING_INFO } from './setting-info';
import { count, list } from './shapes';

const origin = z.string().superRefine((text, context) => {
  try {
    parseOrigin(text);
  } catch (error) {
    context.addIssue({ code: 'custom', message: String(Object(error).message) });
  }
});

/** Which pages of browsers may call, and what caches may keep. */
export const PAGE_SETTINGS = {
  CORS_ORIGINS: list(origin)
    .optional()
    .register(SETTING_INFO, {
      text: 'origins whose pages may call, by comma',
      unset: 'embedded mode: localhost, `*.localhost`, loopback; else none',
      note:
        'Example: `https://example.com,https://*.example.com`. Pages of the host that ' +
        'answers may always call. A request of another page is `403`.',
    }),
  PUBLIC_CACHE_S: count
    .max(86_400)
    .default(0)
    .register(SETTING_INFO, {
      text: 'time for which any cache may keep the answer to a GET of a state',
      unit: 's',
      note:
        'Only if clients without a token may watch (`ANONYMOUS`). With 0, or if they may not, ' +
        "only the client's own cache keeps it, and asks each time whether it is new.",
    }),
};
