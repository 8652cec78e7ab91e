import Router from '@koa/router';
import { systemClock as clock } from '../runtime/clock';
import type { Member } from '../runtime/members/member';
import type { Members } from '../runtime/members/members';
import { hasMemberKey } from '../runtime/settings/members';
import { ClaimedRights } from '../schemas/rights';
import { accessOf, adminAccess } from './admin-routes';
import type { ProcessContext } from './process-context';

const ALL = ['*'];

/** As whom a caller of the admin port writes. */
const OPERATOR: Member = {
  id: 'operator',
  rights: new ClaimedRights({ watch: ALL, write: ALL, moderate: ALL, publish: ALL }),
  isAnonymous: false,
};

/** Routes of the admin port by which operators publish and moderate without a token. */
export interface OperatorWrites {
  readonly router: Router;
  readonly members: Members;
}

/**
 * The routes, which a producer adds later; the callers of the admin calls may use them. Undefined
 * except in embedded mode without a key: elsewhere a token gives these rights.
 */
export function operatorWrites({ log, settings }: ProcessContext): OperatorWrites | undefined {
  if (settings.ROLE || hasMemberKey(settings)) return undefined;
  const router = new Router();
  router.use(adminAccess({ access: accessOf(settings), log, clock }));
  router.use(async (ctx, next) => {
    await next();
    log.info({ method: ctx.method, path: ctx.path, from: ctx.ip }, 'admin call');
  });
  return { router, members: { memberOf: async () => OPERATOR } };
}
