import { type Connection, createConnection } from './connection';
import type { Problem, StreamFields } from './events';
import type { Tell } from './messages';
import type { Send } from './send';
import { createTries, type Server } from './server';
import { createSilence } from './silence';
import { type Block, readEvents } from './sse';
import { wait } from './wait';
import { NOTHING, queryOf, type Wants } from './wants';

/** Keeps one stream open, of all channels that are wanted. */
export interface Source {
  /** @param wants without channels there is no stream */
  want(wants: Wants): void;
  rejoin(channel: string): void;
  /** Drops the connection; it is opened again. */
  cut(): void;
}

/**
 * @param lastId the newest id, also of an earlier source
 * @param tell is called with each event of the stream, and the status
 */
export function createSource(server: Server, send: Send, lastId: () => string, tell: Tell): Source {
  const tries = createTries(server);
  /** Ends the current stream or the wait for the next one. */
  let current = new AbortController();
  let wants = NOTHING;
  let connection: Connection | undefined;
  let isRunning = false;
  let isRefused = false;
  let hasIds = true;

  /** Opens one stream, and waits after its end until another one may be opened. */
  const open = async () => {
    const cut = new AbortController();
    const { signal } = cut;
    const opened = wants;
    /** The status of the answer, 0 without one; the code of a problem, or the reason of a `bye`. */
    let status = 0;
    let code: string | undefined;
    let retryMs = 0;
    let isChanged = false;
    const reopen = () => {
      isChanged = true;
      cut.abort();
    };
    const show = (reason?: string, ms?: number) => {
      const alive = navigator.onLine ? 'connecting' : 'offline';
      tell('status', { state: isRefused ? 'refused' : alive, reason, retryMs: ms });
    };
    const read = ({ data = '{}', event: name = '', id, retry }: Block) => {
      const body: StreamFields = JSON.parse(data);
      if (retry) retryMs = Number(retry);
      if (name === 'bye') code = body.reason;
      if (body.connectionId) {
        tries.reset();
        tell('status', { state: 'connected' });
        const path = `/stream/${body.connectionId}/`;
        connection = createConnection(path, opened, tries.token, server, send, signal, reopen);
        connection.change(wants);
      }
      tell('event', { name, data: body }, id);
    };
    current = cut;
    show();
    try {
      const heard = createSilence(() => cut.abort(), signal);
      const path = `/stream?${queryOf(opened, hasIds)}`;
      const response = await tries.fetch(path, { signal }, hasIds ? lastId() : '');
      status = response.status;
      if (status === 200) await readEvents(response, heard, read);
      else ({ code } = (await response.json()) as Problem);
    } catch {} // The network failed, the token function did, or the stream was cut.
    cut.abort();
    connection = undefined;
    if (isChanged || !wants.types[0]) return;
    // A proxy may take smaller heads than the server. Without ids each channel gets a snapshot.
    const isTooLarge = hasIds && status === 431;
    hasIds = !isTooLarge;
    const ms = tries.delayMs(isTooLarge ? 0 : status, code, retryMs);
    isRefused = ms === undefined;
    current = new AbortController();
    if (ms !== 0) show(code ?? (status > 200 ? `${status}` : undefined), ms);
    if (ms) await wait(ms, current.signal);
  };

  return {
    async want(given) {
      wants = given;
      isRefused = false;
      if (!wants.types[0]) current.abort();
      else connection?.change(wants);
      if (isRunning) return;
      isRunning = true;
      while (!isRefused && wants.types[0]) await open();
      isRunning = false;
      if (!isRefused) tell('status', { state: 'paused' });
    },
    rejoin: (channel) => connection?.rejoin(channel),
    cut: () => current.abort(),
  };
}
