import { z } from 'zod';
import { HTTP_TIMES } from '../http-server';
import { SETTING_INFO } from './setting-info';
import { count } from './shapes';

/** How a process runs. */
export const RUNNING_SETTINGS = {
  WORKERS: count.max(256).default(0).register(SETTING_INFO, {
    text: 'processes that hold viewers; 0: the main process does',
  }),
  VIEWER_SOCKETS: z
    .enum(['auto', 'direct', 'node'])
    .default('auto')
    .register(SETTING_INFO, {
      text: "what writes to viewers' sockets: auto, direct or node",
      note:
        '`direct`: through the C library (Linux on x64 or arm64). `node`: through Node. `auto`: ' +
        '`direct` if possible.',
    }),
  DRAIN_SPREAD_MS: count.default(5_000).register(SETTING_INFO, {
    text: 'time over which viewers come back after a shutdown',
    unit: 'ms',
  }),
  KEEP_ALIVE_MS: count.default(HTTP_TIMES.keepAliveMs).register(SETTING_INFO, {
    text: 'time after which an idle connection of a client is closed',
    unit: 'ms',
    note: 'Set it longer than the idle time of a load balancer in front, so that it closes first.',
  }),
  LOG_LEVEL: z
    .enum(['silent', 'error', 'warn', 'info', 'debug'])
    .default('info')
    .register(SETTING_INFO, {
      note: 'Lines are JSON on standard error.',
      text: 'least severe log line: silent, error, warn, info or debug',
    }),
};

/**
 * Whether a process tree has workers: they verify members, and forward requests to the main
 * process. Without the role of a frontend there are none, whatever `WORKERS` says: the main process
 * then answers clients itself, and must not believe what only a worker may tell it.
 */
export function hasWorkers(settings: {
  readonly ROLE?: readonly string[] | undefined;
  readonly WORKERS: number;
}): boolean {
  return settings.WORKERS > 0 && (settings.ROLE?.includes('frontend') ?? true);
}
