import type Router from '@koa/router';
import type { Context } from 'koa';
import type { FactStore } from '../adapters/fact-store';
import type { Clock } from '../runtime/clock';
import { FailureLines } from '../runtime/failure-lines';
import type { Logger } from '../runtime/log-lines';
import { LikestreamError } from '../schemas/errors';
import { FACT } from '../schemas/facts';
import { ID_PATTERN } from '../schemas/ids';
import { type AdminAccess, requireAdmin } from './admin-access';
import type { FactWatch } from './fact-watch';

export interface AdminRoutesOptions {
  /** The kinds of channels that can be paused. */
  readonly kinds: readonly string[];
  readonly access: AdminAccess;
  /** Undefined until the process has opened its store. */
  readonly facts: () => { readonly store: FactStore; readonly watch: FactWatch } | undefined;
  readonly log: Logger;
  readonly clock: Clock;
}

/** Adds the calls by which operators pause channels and ban members. */
export function addAdminRoutes(router: Router, options: AdminRoutesOptions): void {
  const access = requireAdmin(options.access, refusalLines(options));
  const add = (path: string, nameOf: (id: string) => string): void => {
    for (const [method, holds] of [
      ['put', true],
      ['delete', false],
    ] as const) {
      router[method](path, access, async (ctx) => {
        const id = idIn(ctx);
        await setFact(options, nameOf(id), holds);
        options.log.info({ method: ctx.method, path: ctx.path, from: ctx.ip }, 'admin call');
        ctx.status = 204;
      });
    }
  };
  add('/admin/paused', () => FACT.allPaused);
  for (const kind of options.kinds) {
    add(`/admin/${kind}s/:id/paused`, (id) => FACT.paused(`${kind}:${id}`));
  }
  add('/admin/members/:id/banned', (id) => FACT.banned(id));
}

/** Writes a line for refused calls, at most one a second. */
function refusalLines({ clock, log }: AdminRoutesOptions): (ctx: Context) => void {
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
  const facts = options.facts();
  if (!facts) throw new LikestreamError('store_unavailable', 'the process is starting');
  await facts.store.set(name, holds);
  await facts.watch.read();
}

function idIn(ctx: Context): string {
  const { id = '' } = ctx.params as { readonly id?: string };
  if (ctx.params.id === undefined || ID_PATTERN.test(id)) return id;
  throw new LikestreamError('invalid_id');
}
