import { z } from 'zod';
import { parseOrigin } from '../origins';
import { SETTING_INFO } from './setting-info';
import { list } from './shapes';

const origin = z.string().superRefine((text, context) => {
  try {
    parseOrigin(text);
  } catch (error) {
    context.addIssue({ code: 'custom', message: String(Object(error).message) });
  }
});

/** Which pages of browsers may call. */
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
};
