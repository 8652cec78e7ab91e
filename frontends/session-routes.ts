import type Router from '@koa/router';
import type { CookieMembers } from '../runtime/members/members';

/** Adds `POST` and `DELETE /session`: the cookie that carries a member's token. */
export function addSessionRoutes(router: Router, members: CookieMembers): void {
  router.post('/session', async (ctx) => {
    await members.startSession(ctx);
    ctx.status = 204;
  });
  router.delete('/session', (ctx) => {
    members.endSession(ctx);
    ctx.status = 204;
  });
}
