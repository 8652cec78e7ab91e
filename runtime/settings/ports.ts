import { isIP } from 'node:net';
import { z } from 'zod';
import { SETTING_INFO } from './setting-info';
import { list, port, text } from './shapes';

/** So that it cannot be guessed. */
const MIN_SECRET_CHARACTERS = 16;

const adminSecret = z
  .string()
  .min(MIN_SECRET_CHARACTERS)
  .regex(/^[!-~]+$/, 'it is sent in a header: ASCII letters, digits and signs, without spaces');

/** The ports and roles of a process. */
export const PORT_SETTINGS = {
  PORT: port.default(8080).register(SETTING_INFO, {
    text: 'public HTTP port; 0 takes a free one',
  }),
  PUBLIC_HOST: z
    .string()
    .refine((given) => isIP(given) > 0, 'it is no IPv4 or IPv6 address')
    .optional()
    .register(SETTING_INFO, {
      text: 'address on which `PORT` listens',
      unset: 'every address',
      note:
        'Use `127.0.0.1` behind a proxy on the same machine: with `TRUSTED_PROXIES`, a client ' +
        'that reaches `PORT` directly can claim any address.',
    }),
  INTERNAL_PORT: port.default(0).register(SETTING_INFO, {
    text: 'port for calls between services; 0 takes a free one',
    note: 'Listens on loopback unless `ADVERTISE_URL` is set. Never make this port public.',
  }),
  ADVERTISE_URL: z.url().optional().register(SETTING_INFO, {
    text: 'URL at which other services reach `INTERNAL_PORT`',
    unset: 'loopback only',
    note: 'Example: `http://10.0.0.7:7000`. If it is set, the port listens on every address.',
  }),
  ADMIN_PORT: port.default(9090).register(SETTING_INFO, {
    text: 'port of `/metrics` and `/health/…`; 0 takes a free one',
    note: 'One port for all processes of a process tree.',
  }),
  ADMIN_HOST: text.default('127.0.0.1').register(SETTING_INFO, {
    text: 'address on which `ADMIN_PORT` listens',
    note: 'Use `0.0.0.0` if a program on another machine reads the metrics.',
  }),
  ADMIN_SECRET: adminSecret.optional().register(SETTING_INFO, {
    isSecret: true,
    text: 'Bearer token of the calls of operators on `ADMIN_PORT`',
    unset: 'embedded mode: any caller on loopback; else no caller',
    note: 'These calls pause videos and ban members: docs/operating.md.',
  }),
  ROLE: list(z.enum(['producer', 'dispatcher', 'frontend']))
    .optional()
    .register(SETTING_INFO, {
      text: 'roles of this process, by comma: producer, dispatcher, frontend',
      unset: 'embedded mode',
      note:
        'A process with a `ROLE` uses Kafka, Cassandra and Redis, and needs `JWT_SECRET` or ' +
        '`JWT_JWKS_FILE`, and `SERVICE_SECRET`.',
    }),
};
