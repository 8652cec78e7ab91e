import { delayMs } from './backoff';
import { type Connection, createConnection } from './connection';
import { type Addresses, fail, initOf, isTemporary, type Send } from './send';
import type { Block } from './sse';
import { type End, readStream } from './stream';
import type { Tokens } from './tokens';
import type { Status } from './types';
import { wait } from './wait';
import { queryOf, type Wants } from './wants';

/** Keeps one stream open, of all channels that are wanted. */
export interface Source {
  /** @param wants without channels there is no stream */
  want(wants: Wants): void;
  rejoin(channel: string): void;
  /** Drops the connection; it is opened again. */
  cut(): void;
}

const stateNow = () => (navigator.onLine ? 'connecting' : 'offline');

/** What follows from the end of a stream. */
function judge({ code, status }: End, canRenew: boolean) {
  const isAnswered = status === 200;
  const why = code ?? (isAnswered || !status ? undefined : `${status}`);
  const hasEnded = status === 401 || why === 'token_expired';
  // A proxy may take smaller heads than the server. Without ids each channel gets a snapshot.
  const isTooLarge = status === 431 || why === 'headers_too_large';
  const isFinal = hasEnded ? !canRenew : !isAnswered && !isTooLarge && !isTemporary(status);
  return { canRefresh: hasEnded && canRenew, isFinal, isTooLarge, why };
}

export interface SourceOptions {
  readonly addresses: Addresses;
  readonly tokens: Tokens;
  readonly send: Send;
  /** The newest id, also of an earlier source. */
  readonly lastId: () => string;
  readonly event: (name: string, data: unknown, id: string | undefined) => void;
  readonly status: (status: Status) => void;
}

export function createSource(options: SourceOptions): Source {
  const { addresses, event, lastId, send, status, tokens } = options;
  /** Ends the current stream or the wait for the next one. */
  let current = new AbortController();
  let wants: Wants = {};
  let connection: Connection | undefined;
  let [isRunning, isRefused] = [false, false];
  let hasIds = true;
  let failures = 0;
  let refused: string | undefined;

  const isWanted = () => Object.keys(wants)[0];

  const state = (reason?: string, retryMs?: number) =>
    status({ state: isRefused ? 'refused' : stateNow(), reason, retryMs });

  /** Opens one stream, and waits after its end until another one may be opened. */
  const open = async () => {
    const cut = new AbortController();
    const opened = wants;
    const [address = ''] = addresses;
    let isChanged = false;
    const end: End = { status: 0, retryMs: 0 };
    let token: string | undefined;
    current = cut;
    state();
    const reopen = () => {
      isChanged = true;
      cut.abort();
    };
    const read = ({ data = '{}', event: name = '', id }: Block) => {
      const body = JSON.parse(data);
      if (body.connectionId) {
        failures = 0;
        refused = undefined;
        const given = [body.connectionId, opened, token, tokens, send, cut.signal, reopen] as const;
        connection = createConnection(...given);
        status({ state: 'connected' });
        connection.change(wants);
      }
      event(name, body, id);
    };
    try {
      token = await tokens.get(refused);
      const init = initOf(token, cut.signal, hasIds ? lastId() : '');
      await readStream(`${address}/stream?${queryOf(opened, hasIds)}`, init, cut, end, read);
    } catch {} // The network failed, the token function did, or the stream was cut.
    cut.abort();
    connection = undefined;
    if (isChanged || !isWanted()) return;
    const { canRefresh, isFinal, isTooLarge, why } = judge(end, tokens.canRenew);
    const isAgain = refused !== undefined;
    refused = canRefresh ? (token ?? '') : undefined;
    if (canRefresh && !isAgain) return;
    hasIds = !isTooLarge;
    isRefused = isFinal || end.status === 401;
    if (end.status !== 200) fail(addresses, address);
    current = new AbortController();
    const ms = delayMs(++failures, Math.random(), end.retryMs);
    state(why, ms);
    if (!isRefused) await wait(ms, current.signal);
  };

  return {
    async want(given) {
      wants = given;
      isRefused = false;
      if (!isWanted()) current.abort();
      else connection?.change(wants);
      if (isRunning) return;
      isRunning = true;
      while (!isRefused && isWanted()) await open();
      isRunning = false;
      if (!isRefused) status({ state: 'paused' });
    },
    rejoin: (channel) => connection?.rejoin(channel),
    cut: () => current.abort(),
  };
}
