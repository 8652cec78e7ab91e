import type Router from '@koa/router';
import type { Context, Middleware } from 'koa';
import type { FactStore } from '../adapters/fact-store';
import { readJson } from '../runtime/body';
import type { Clock } from '../runtime/clock';
import { FailureLines } from '../runtime/failure-lines';
import type { Logger } from '../runtime/log-lines';
import type { Settings } from '../runtime/settings/settings';
import { LikestreamError } from '../schemas/errors';
import { FACT } from '../schemas/facts';
import { ID_PATTERN } from '../schemas/ids';
import { type AdminAccess, requireAdmin } from './admin-access';
import type { FactWatch } from './fact-watch';
import { setSlowMode, slowSecondsIn } from './slow-mode';

export interface AdminRoutesOptions {
  /** The kinds of channels that can be paused. */
  readonly kinds: readonly string[];
  /** The kinds of channels that have a type with slow mode. */
  readonly slowKinds: readonly string[];
  readonly access: AdminAccess;
  /** Undefined until the process has opened its store. */
  readonly facts: () => { readonly store: FactStore; readonly watch: FactWatch } | undefined;
  readonly log: Logger;
  readonly clock: Clock;
}

/** Adds the calls by which operators pause and slow channels, and ban members. */
export function addAdminRoutes(router: Router, options: AdminRoutesOptions): void {
  const access = adminAccess(options);
  const addCall = (method: 'put' | 'delete', path: string, call: AdminCall): void => {
    router[method](path, access, async (ctx) => {
      await call(idIn(ctx), ctx);
      options.log.info({ method: ctx.method, path: ctx.path, from: ctx.ip }, 'admin call');
      ctx.status = 204;
    });
  };
  const add = (path: string, nameOf: (id: string) => string): void => {
    addCall('put', path, (id) => setFact(options, nameOf(id), true));
    addCall('delete', path, (id) => setFact(options, nameOf(id), false));
  };
  add('/admin/paused', () => FACT.allPaused);
  for (const kind of options.kinds) {
    add(`/admin/${kind}s/:id/paused`, (id) => FACT.paused(`${kind}:${id}`));
  }
  add('/admin/members/:id/banned', (id) => FACT.banned(id));
  for (const kind of options.slowKinds) {
    const path = `/admin/${kind}s/:id/slow-mode`;
    addCall('put', path, async (id, { req }) => {
      const seconds = slowSecondsIn(await readJson(req));
      await setSlowMode(openFacts(options), `${kind}:${id}`, seconds);
    });
    addCall('delete', path, (id) => setSlowMode(openFacts(options), `${kind}:${id}`));
  }
}

type AdminCall = (id: string, ctx: Context) => Promise<void>;

/** Refuses callers that may not use the admin calls, with a line in the log. */
export function adminAccess(
  options: Pick<AdminRoutesOptions, 'access' | 'clock' | 'log'>,
): Middleware {
  return requireAdmin(options.access, options.clock, refusalLines(options));
}

/** Which callers may use the admin calls by the settings of a process. */
export function accessOf({
  ADMIN_SECRET: secret,
  ROLE,
}: Pick<Settings, 'ADMIN_SECRET' | 'ROLE'>): AdminAccess {
  return { secret, isOpenOnLoopback: !ROLE };
}

/** Writes a line for refused calls, at most one a second. */
function refusalLines({
  clock,
  log,
}: Pick<AdminRoutesOptions, 'clock' | 'log'>): (ctx: Context) => void {
  const lines = new FailureLines(clock);
  return (ctx) => {
    const line = lines.next('refuse', 'admin', undefined);
    if (!line) return;
    const { suppressed } = line;
    const refused = { method: ctx.method, path: ctx.path, from: ctx.ip };
    log.warn({ ...refused, ...(suppressed && { suppressed }) }, 'refused an admin call');
  };
}

async function setFact(options: AdminRoutesOptions, name: string, holds: boolean): Promise<void> {
  const { store, watch } = openFacts(options);
  await store.set(name, holds);
  await watch.read();
}

function openFacts({ facts }: AdminRoutesOptions) {
  const open = facts();
  if (!open) throw new LikestreamError('store_unavailable', 'the process is starting');
  return open;
}

function idIn(ctx: Context): string {
  const { id = '' } = ctx.params as { readonly id?: string };
  if (ctx.params.id === undefined || ID_PATTERN.test(id)) return id;
  throw new LikestreamError('invalid_id');
}
