import type { Viewer } from '../../adapters/viewer-sockets';
import type { Session } from '../../frontends/viewers/session';
import type { OpenFrontend } from './viewer';

/** The session of a connection, if the process of its frontend can be called. */
export function sessionOf({
  frontend,
  number,
  process,
}: Pick<OpenFrontend, 'frontend' | 'process'> & { readonly number: Viewer }): Session | undefined {
  if (!process.runs) return undefined;
  for (const session of frontend.sessions.all()) if (session.viewer === number) return session;
  return undefined;
}
