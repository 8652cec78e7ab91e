import { delayMs } from './backoff';
import { type Addresses, fail, initOf, isTemporary, type Send } from './send';
import type { Block } from './sse';
import { type End, readStream } from './stream';
import type { Tokens } from './tokens';
import type { Status } from './types';
import { wait } from './wait';
import { joinTypes, type Wants } from './wants';

/** The time after which a failed renewal of a token is tried again. */
const RENEW_AGAIN_MS = 5000;
const LEAST_RENEW_MS = 1000;

const JOIN_TRIES = 3;

/** Keeps one stream open, of all channels that are wanted. */
export interface Source {
  /** @param wants without channels there is no stream */
  want(wants: Wants): void;
  /** Asks for a new snapshot of a channel. */
  rejoin(channel: string): void;
  /** Drops the connection; it is opened again. */
  cut(): void;
}

const typesOf = (wants: Wants) => joinTypes(Object.values(wants).map(({ types }) => types));

const isEmpty = (wants: Wants) => Object.keys(wants).length === 0;

/** @param lastId the newest id, also of an earlier source */
export function createSource(
  addresses: Addresses,
  tokens: Tokens,
  send: Send,
  lastId: () => string,
  event: (name: string, data: unknown, id: string | undefined) => void,
  status: (status: Status) => void,
): Source {
  /** Ends the current stream or the wait for the next one. */
  let current = new AbortController();
  let wants: Wants = {};
  /** What the stream has. */
  let opened: Wants = {};
  let connectionId = '';
  let isRunning = false;
  let isRefused = false;
  /** Whether the stream was cut for other channels, not by a failure. */
  let isChanged = false;
  let hasIds = true;
  let failures = 0;
  let retryMs = 0;
  let reason: string | undefined;
  let token: string | undefined;
  let refused: string | undefined;
  let renewal: ReturnType<typeof setTimeout> | undefined;

  function query(): URLSearchParams {
    opened = wants;
    const types = typesOf(wants);
    const found = new URLSearchParams(types[0] && { events: types.join() });
    for (const channel in wants) {
      found.append('channel', channel);
      const id = hasIds && wants[channel]?.id;
      if (id) found.append('lastEventId', id);
    }
    return found;
  }

  async function call(method: string, path: string, tries: number): Promise<boolean> {
    const id = connectionId;
    const { isOk } = await send(method, `/stream/${id}/${path}`, undefined, tries);
    return isOk || id !== connectionId;
  }

  function renewLater(ms: number): void {
    clearTimeout(renewal);
    if (!tokens.canRenew) return;
    renewal = setTimeout(
      async () => {
        const newer = await tokens.get(token ?? '').catch(() => token);
        const isDone = newer !== token && (await call('PUT', 'token', 1));
        if (isDone) token = newer;
        if (connectionId) renewLater(isDone ? tokens.renewMs() : RENEW_AGAIN_MS);
      },
      Math.max(ms, LEAST_RENEW_MS),
    );
  }

  function read({ data = '{}', event: name = '', id, retry }: Block): void {
    if (retry) retryMs = Number(retry);
    const body = JSON.parse(data);
    if (name === 'bye') reason = body.reason;
    if (name === 'ready') {
      failures = 0;
      connectionId = body.connectionId;
      renewLater(tokens.renewMs());
      status({ state: 'connected' });
      change();
    }
    event(name, body, id);
  }

  /** Opens one stream, and waits after its end until another one may be opened. */
  async function open(): Promise<void> {
    const cut = new AbortController();
    const [address = ''] = addresses;
    let end: End = { status: 0 };
    current = cut;
    isChanged = false;
    reason = undefined;
    retryMs = 0;
    state();
    try {
      token = await tokens.get(refused);
      const init = initOf(token, cut.signal);
      const id = hasIds && lastId();
      if (id) init.headers['Last-Event-ID'] = id;
      end = await readStream(`${address}/stream?${query()}`, init, cut, read);
    } catch {
      // The network failed, the token function did, or the stream was cut.
    }
    cut.abort();
    clearTimeout(renewal);
    connectionId = '';
    if (!isChanged) await back(end, address);
  }

  function state(ms?: number): void {
    const name = navigator.onLine ? 'connecting' : 'offline';
    status({ state: isRefused ? 'refused' : name, reason, retryMs: ms });
  }

  async function back({ code, status: answered }: End, address: string): Promise<void> {
    failures++;
    const isAnswered = answered === 200;
    reason ??= code ?? (answered && !isAnswered ? `${answered}` : undefined);
    const hasEnded = answered === 401 || reason === 'token_expired';
    refused = hasEnded ? (token ?? '') : undefined;
    if (hasEnded && tokens.canRenew && failures === 1) return;
    // A proxy may take smaller heads than the server. Without ids each channel gets a snapshot.
    hasIds = answered !== 431 && reason !== 'headers_too_large';
    const isFinal = hasIds && !isAnswered && !isTemporary(answered);
    isRefused = isFinal || (hasEnded && !tokens.canRenew);
    if (!isAnswered) fail(addresses, address);
    current = new AbortController();
    const ms = delayMs(failures, Math.random(), retryMs);
    state(isRefused ? undefined : ms);
    if (!isRefused) await wait(ms, current.signal);
  }

  async function run(): Promise<void> {
    if (isRunning) return;
    isRunning = true;
    while (!isRefused && !isEmpty(wants)) await open();
    isRunning = false;
    if (!isRefused) status({ state: 'paused' });
  }

  function reopen(): void {
    isChanged = true;
    current.abort();
  }

  async function join(method: string, channel: string, id = ''): Promise<void> {
    const from = id && `?lastEventId=${encodeURIComponent(id)}`;
    if (!(await call(method, `channels/${channel}${from}`, JOIN_TRIES))) reopen();
  }

  /** Joins and leaves channels on the open stream; other types need another one. */
  function change(): void {
    const types = typesOf(opened);
    const needed = typesOf(wants);
    const isCovered = !types[0] || (needed[0] && needed.every((type) => types.includes(type)));
    if (isEmpty(wants) || (connectionId && !isCovered)) return reopen();
    if (!connectionId) return;
    for (const channel in { ...opened, ...wants }) {
      const want = wants[channel];
      if (!want || !opened[channel]) void join(want ? 'PUT' : 'DELETE', channel, want?.id);
    }
    // The types stay those of the open stream.
    opened = Object.fromEntries(Object.keys(wants).map((channel) => [channel, { types }]));
  }

  return {
    want(given) {
      wants = given;
      isRefused = false;
      change();
      void run();
    },
    rejoin(channel) {
      if (connectionId && opened[channel]) {
        void join('DELETE', channel).then(() => join('PUT', channel));
      }
    },
    cut: () => current.abort(),
  };
}
