import type { Send } from './send';
import { renewalMs, type Tokens } from './tokens';
import { typesOf, type Wants } from './wants';

const JOIN_TRIES = 3;
const LEAST_RENEW_MS = 1000;

/** The time after which a renewal that failed is tried again. */
const RENEW_AGAIN_MS = 5000;

/** An open stream. */
export interface Connection {
  /** Joins and leaves channels. */
  change(wants: Wants): void;
  /** Asks for a new snapshot of a channel. */
  rejoin(channel: string): void;
}

/**
 * Changes an open stream, and renews its token.
 * @param opened the channels and types with which it was opened
 * @param reopen is called when only another stream can have what is wanted
 */
export function createConnection(
  id: string,
  opened: Wants,
  token: string | undefined,
  tokens: Tokens,
  send: Send,
  over: AbortSignal,
  reopen: () => void,
): Connection {
  const types = typesOf(opened);
  let channels = Object.keys(opened);

  const call = (method: string, path: string, tries: number) =>
    send(method, `/stream/${id}/${path}`, undefined, tries);

  const join = async (method: string, channel: string, from = '') => {
    const query = from && `?lastEventId=${encodeURIComponent(from)}`;
    const { isOk } = await call(method, `channels/${channel}${query}`, JOIN_TRIES);
    if (!isOk && !over.aborted) reopen();
  };

  const renewLater = (ms: number) => {
    const timer = setTimeout(
      async () => {
        const newer = await tokens.get(token ?? '').catch(() => token);
        const isDone = newer !== token && (await call('PUT', 'token', 1)).isOk;
        if (isDone) token = newer;
        if (!over.aborted) renewLater(isDone ? renewalMs(token, Math.random()) : RENEW_AGAIN_MS);
      },
      Math.max(ms, LEAST_RENEW_MS),
    );
    over.addEventListener('abort', () => clearTimeout(timer));
  };
  if (tokens.canRenew) renewLater(renewalMs(token, Math.random()));

  return {
    change(wants) {
      const needed = typesOf(wants);
      const isCovered = needed[0] ? needed.every((type) => types.includes(type)) : !types[0];
      // Without a list the stream has all types.
      if (types[0] && !isCovered) return reopen();
      for (const channel of channels) if (!wants[channel]) void join('DELETE', channel);
      for (const channel in wants) {
        if (!channels.includes(channel)) void join('PUT', channel, wants[channel]?.id);
      }
      channels = Object.keys(wants);
    },
    rejoin(channel) {
      if (channels.includes(channel)) {
        void join('DELETE', channel).then(() => join('PUT', channel));
      }
    },
  };
}
