import { z } from 'zod';
import type { FactStore } from '../adapters/fact-store';
import { LikestreamError } from '../schemas/errors';
import { FACT, MAX_SLOW_S, slowPrefix } from '../schemas/facts';
import type { FactWatch } from './fact-watch';

const request = z.strictObject({ seconds: z.int().min(1).max(MAX_SLOW_S) });

/** The seconds of a request's body. Throws `invalid_body`. */
export function slowSecondsIn(body: unknown): number {
  const parsed = request.safeParse(body);
  if (parsed.success) return parsed.data.seconds;
  throw new LikestreamError('invalid_body', `"seconds" is an integer from 1 to ${MAX_SLOW_S}`);
}

/**
 * Sets the slow mode of a channel, or ends it without `seconds`. The new time is stored before the
 * earlier ones are removed, so that there is no moment without slow mode.
 */
export async function setSlowMode(
  { store, watch }: { readonly store: FactStore; readonly watch: FactWatch },
  channel: string,
  seconds?: number,
): Promise<void> {
  await watch.read();
  const { names = [] } = watch.since(undefined) ?? {};
  const next = seconds === undefined ? undefined : FACT.slow(channel, seconds);
  const earlier = names.filter((name) => name.startsWith(slowPrefix(channel)) && name !== next);
  if (next !== undefined) await store.set(next, true);
  for (const name of earlier) await store.set(name, false);
  await watch.read();
}
