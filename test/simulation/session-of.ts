import type { Viewer } from '../../adapters/viewer-sockets';
import type { Frontend } from '../../frontends/frontend';
import type { Session } from '../../frontends/viewers/session';

/** A connection, from the viewers' side. */
interface ConnectionOfFrontend {
  readonly process: { readonly runs: boolean };
  readonly frontend: Pick<Frontend, 'sessions'>;
  readonly number: Viewer;
}

/** The session of a connection, if the process of its frontend can be called. */
export function sessionOf(connection: ConnectionOfFrontend): Session | undefined {
  const { frontend, number, process } = connection;
  if (!process.runs) return undefined;
  for (const session of frontend.sessions.all()) if (session.viewer === number) return session;
  return undefined;
}
