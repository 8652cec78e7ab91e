import type { Send } from './send';
import type { Server } from './server';
import { renewalMs } from './tokens';
import { ALL, type Wants } from './wants';

const JOIN_TRIES = 3;

/** An open stream. */
export interface Connection {
  /** Joins and leaves channels. */
  change(wants: Wants): void;
  /** Asks for a new snapshot of a channel. */
  rejoin(channel: string): void;
}

/**
 * Changes an open stream, and renews its token.
 * @param path the path of this stream
 * @param opened the channels and types with which it was opened
 * @param reopen is called when only another stream can have what is wanted
 */
export function createConnection(
  path: string,
  { types, channels }: Wants,
  token: string | undefined,
  { tokens }: Server,
  send: Send,
  over: AbortSignal,
  reopen: () => void,
): Connection {
  let joined = channels;
  /** By channel, its last request: a repeated one must not come after a later one. */
  const turns: Record<string, Promise<void>> = {};

  const join = (method: string, channel: string, from?: string) => {
    const query = from ? `?lastEventId=${encodeURIComponent(from)}` : '';
    turns[channel] = Promise.resolve(turns[channel]).then(async () => {
      const to = `${path}channels/${channel}${query}`;
      const { isOk } = await send(method, to, undefined, JOIN_TRIES);
      if (!isOk && !over.aborted) reopen();
    });
  };

  let timer: ReturnType<typeof setTimeout>;
  const renew = async () => {
    const newer = await tokens.get(token ?? '').catch(() => token);
    if (newer !== token && (await send('PUT', `${path}token`, undefined, 1)).isOk) token = newer;
    renewLater();
  };
  const renewLater = () => {
    if (!over.aborted) timer = setTimeout(renew, renewalMs(token, Math.random()));
  };
  over.addEventListener('abort', () => clearTimeout(timer));
  if (tokens.canRenew) renewLater();

  return {
    change(wants) {
      const isCovered = wants.types.every((type) => types.includes(type));
      if (!isCovered && !types.includes(ALL)) return reopen();
      const before = joined;
      joined = wants.channels;
      for (const channel in before) if (!(channel in joined)) join('DELETE', channel);
      for (const channel in joined) {
        if (!(channel in before)) join('PUT', channel, joined[channel]);
      }
    },
    rejoin(channel) {
      if (!(channel in joined)) return;
      join('DELETE', channel);
      join('PUT', channel);
    },
  };
}
