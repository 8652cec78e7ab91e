import { isOpenToOthers } from '../adapters/embedded/lock';
import { anonymousAccess, hasMemberKey } from '../runtime/settings/members';
import type { Settings } from '../runtime/settings/settings';
import type { ProcessContext } from './process-context';
import type { RunningApp } from './shutdown-stack';

const KEYS = ['JWT_SECRET', 'JWT_JWKS_FILE', 'JWT_JWKS_URL'] as const;

/** What clients without a token may do, by `ANONYMOUS`. */
const OTHERS = { none: 'do nothing', watch: 'watch', all: 'do all, as anonymous-…' };

/** Addresses that `localhost` leads to. */
const LOCAL = [undefined, '0.0.0.0', '::', '127.0.0.1', '::1'];

/** The lines that a start with these variables prints once the process serves. */
export function welcome(
  { settings, types }: ProcessContext,
  at: RunningApp,
  environment: NodeJS.ProcessEnv,
): string {
  const { DATA_DIR, ROLE } = settings;
  const isPublic = at.publicPort > 0;
  const hasPage = ROLE?.includes('frontend') ?? true;
  const routes = types.all.map(({ channelKind, name }) => `/${channelKind}s/ID/${name}`);
  const lines = [
    `likestream is running${ROLE ? `: ${ROLE.join(', ')}` : ''}`,
    ...(isPublic ? addresses(publicUrl(settings, at), hasPage ? undefined : routes) : []),
    `  metrics    http://localhost:${at.adminPort}/metrics`,
    !ROLE && `  data       ${DATA_DIR}`,
    !ROLE &&
      isOpenToOthers(DATA_DIR) &&
      `  warning    other users may read ${DATA_DIR}: chmod 700 it`,
    isPublic && `  members    ${membersText(settings, environment)}`,
    isPublic && `  pages of   ${originsText(settings)}`,
    '  stop with Ctrl-C',
  ];
  return `${lines.filter((line) => line !== false).join('\n')}\n`;
}

function publicUrl({ PUBLIC_HOST: host }: Settings, { publicPort }: RunningApp): string {
  if (host === undefined || LOCAL.includes(host)) return `http://localhost:${publicPort}`;
  return `http://${host.includes(':') ? `[${host}]` : host}:${publicPort}`;
}

/** The address of the page, or else of each route. */
function addresses(url: string, routes: readonly string[] | undefined): string[] {
  if (!routes) return [`  the page   ${url}/   (open it in two windows)`];
  return routes.map((route) => `  write to   ${url}${route}`);
}

/** Who is a member, and what others may do. */
export function membersText(settings: MemberSettings, environment: NodeJS.ProcessEnv): string {
  const others = OTHERS[anonymousAccess(settings)];
  if (!hasMemberKey(settings)) {
    return `everyone may ${others}: set JWT_SECRET to require tokens`;
  }
  const keys = KEYS.filter((name) => settings[name] !== undefined);
  // The secret may be in the file of another variable.
  const names = keys.map((name) => (environment[name] ? name : `${name}_FILE`));
  return `by token (${names.join(', ')}); others may ${others}`;
}

/** Whose pages may call. */
export function originsText({ CORS_ORIGINS, ROLE }: OriginSettings): string {
  if (CORS_ORIGINS) return `its own host, ${CORS_ORIGINS.join(', ')} (CORS_ORIGINS)`;
  return `its own host${ROLE ? '' : ', localhost'}: set CORS_ORIGINS for others`;
}

type MemberSettings = Pick<Settings, (typeof KEYS)[number] | 'ANONYMOUS'>;
type OriginSettings = Pick<Settings, 'CORS_ORIGINS' | 'ROLE'>;
