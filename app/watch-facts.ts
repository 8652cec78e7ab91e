import type { FactReader, FactStore } from '../adapters/fact-store';
import type { Sessions } from '../frontends/viewers/sessions';
import { systemClock as clock } from '../runtime/clock';
import { bannedIn } from '../schemas/facts';
import { accessOf, addAdminRoutes } from './admin-routes';
import { FactWatch } from './fact-watch';
import type { ProcessContext } from './process-context';
import type { ShutdownStack } from './shutdown-stack';

/** The facts of a process, and the store in which operators change them. */
export interface OwnFacts {
  readonly store: FactStore;
  readonly watch: FactWatch;
}

/** Reads the facts, and then regularly until the shutdown; rejects if the first read fails. */
export async function watchFacts(
  store: FactReader,
  { failed }: ProcessContext,
  shutdown: ShutdownStack,
): Promise<FactWatch> {
  const watch = new FactWatch({ store, clock, failed });
  await watch.start();
  shutdown.add(() => watch.stop());
  return watch;
}

/** The function that adds the calls of operators; `facts` is undefined while the process starts. */
export function adminRoutes(
  { log, settings, types }: ProcessContext,
  facts: () => OwnFacts | undefined,
): (router: Parameters<typeof addAdminRoutes>[0]) => void {
  const access = accessOf(settings);
  const slowKinds = new Set(
    types.logged.flatMap(({ channelKind, isSlowable }) => (isSlowable ? [channelKind] : [])),
  );
  const kinds = { kinds: types.kinds, slowKinds: [...slowKinds] };
  return (router) => addAdminRoutes(router, { ...kinds, access, facts, log, clock });
}

/** Ends the streams of members that are banned now, and of those that are banned later. */
export function endBanned(watch: FactWatch, sessions: Sessions): void {
  const end = (): void => {
    for (const fact of watch.since(undefined)?.names ?? []) {
      const memberId = bannedIn(fact);
      const streams = memberId === undefined ? [] : sessions.sessionsOf(memberId);
      for (const session of streams) sessions.end(session, 'banned');
    }
  };
  watch.onChange(end);
  end();
}
