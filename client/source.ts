import type { Addresses } from './addresses';
import { delayMs } from './backoff';
import { headersOf, isTemporary, type Send } from './send';
import type { Block } from './sse';
import { readStream } from './stream';
import type { Tokens } from './tokens';
import type { Status } from './types';
import { wait } from './wait';
import { typesOf, type Wants } from './wants';

/** The time after which a failed renewal is tried again. */
const RENEW_AGAIN_MS = 5000;
const LEAST_RENEW_MS = 1000;

export interface SourceOptions {
  readonly addresses: Addresses;
  readonly tokens: Tokens;
  readonly send: Send;
  /** What is to be watched now. */
  readonly wants: () => Wants;
  /** The newest id of the stream, also of an earlier source. */
  readonly lastId: () => string;
  readonly event: (name: string, data: unknown, id: string | undefined) => void;
  readonly status: (status: Status) => void;
}

/** Keeps one stream of all wanted channels open. */
export interface Source {
  /** What is wanted has changed. */
  update(): void;
  /** Drops the connection; it is opened again. */
  cut(): void;
  /** While it is paused there is no stream. */
  pause(isPaused: boolean): void;
  close(): void;
}

export function createSource(options: SourceOptions): Source {
  const { addresses, event, lastId, send, status, tokens, wants } = options;
  /** Ends the current stream or the current wait. */
  let current = new AbortController();
  let isPaused = false;
  let isClosed = false;
  let isRefused = false;
  let hasChanged = false;
  let failures = 0;
  let connectionId: string | undefined;
  let opened: Wants = {};
  let renewal: ReturnType<typeof setTimeout> | undefined;
  let refusedToken: string | undefined;
  /** How the server wants its streams to come back. */
  let retryMs = 0;
  let reason: string | undefined;
  let hasIds = true;

  const isWanted = () => Object.keys(wants()).length > 0;

  function urlOf(address: string): string {
    opened = wants();
    const query = new URLSearchParams();
    const types = typesOf(opened);
    for (const [channel, { id }] of Object.entries(opened)) {
      query.append('channel', channel);
      if (id && hasIds) query.append('lastEventId', id);
    }
    if (types.length > 0) query.set('events', types.join());
    return `${address}/stream?${query}`;
  }

  function renewLater(token: string | undefined, id: string, ms = tokens.renewMs()): void {
    if (!tokens.canRenew) return;
    renewal = setTimeout(
      async () => {
        let newer: string | undefined;
        let isDone = false;
        try {
          newer = await tokens.get(token ?? '');
          isDone = (await send('PUT', `/stream/${id}/token`, undefined, 1)).isOk;
        } catch {
          // The function failed; it is asked again.
        }
        if (connectionId !== id) return;
        if (isDone) renewLater(newer, id);
        else renewLater(token, id, RENEW_AGAIN_MS);
      },
      Math.max(ms, LEAST_RENEW_MS),
    );
  }

  function read({ data, id, name, retryMs: newRetryMs }: Block, token: string | undefined): void {
    retryMs = newRetryMs ?? retryMs;
    if (data === '') return;
    const body = JSON.parse(data);
    if (name === 'ready') {
      failures = 0;
      connectionId = body.connectionId;
      renewLater(token, body.connectionId);
      status({ state: 'connected' });
    } else if (name === 'bye') reason = body.reason;
    event(name, body, id);
    if (name === 'ready') change();
  }

  /** Opens one stream; returns after its end, when another one may be opened. */
  async function open(): Promise<void> {
    const cut = new AbortController();
    current = cut;
    hasChanged = false;
    reason = undefined;
    retryMs = 0;
    const address = addresses.current();
    let token: string | undefined;
    let result: { status: number; code?: string } = { status: 0 };
    status({ state: navigator.onLine ? 'connecting' : 'offline' });
    try {
      token = await tokens.get(refusedToken);
      refusedToken = undefined;
      const id = hasIds && lastId();
      const headers = { ...headersOf(token), ...(id && { 'Last-Event-ID': id }) };
      result = await readStream(urlOf(address), headers, cut, (block) => read(block, token));
    } catch {
      // The network failed, or this page has cut the stream.
    }
    clearTimeout(renewal);
    connectionId = undefined;
    if (hasChanged || isClosed || isPaused) return;
    await back(result, address, token);
  }

  /** Waits until the next try. */
  async function back(
    { status: code, code: problem }: { status: number; code?: string },
    address: string,
    token: string | undefined,
  ): Promise<void> {
    failures++;
    reason ??= problem ?? (code === 200 || code === 0 ? undefined : String(code));
    const hasEnded = code === 401 || reason === 'token_expired';
    if (hasEnded && tokens.canRenew && failures === 1) {
      refusedToken = token ?? '';
      return;
    }
    // A proxy may take smaller heads than the server. Without ids each channel gets a snapshot.
    hasIds = code !== 431 && reason !== 'headers_too_large';
    isRefused = hasEnded
      ? !tokens.canRenew || code === 401
      : hasIds && code !== 200 && !isTemporary(code);
    if (code !== 200) addresses.failed(address);
    const why = reason && { reason };
    if (isRefused) return status({ state: 'refused', ...why });
    current = new AbortController();
    const ms = Math.round(delayMs(failures, Math.random(), retryMs));
    status({ state: navigator.onLine ? 'connecting' : 'offline', ...why, retryMs: ms });
    await wait(ms, current.signal);
  }

  let isRunning = false;
  async function run(): Promise<void> {
    if (isRunning) return;
    isRunning = true;
    while (!isClosed && !isPaused && !isRefused && isWanted()) await open();
    isRunning = false;
    if (!isClosed && !isRefused) status({ state: 'paused' });
  }

  function reopen(): void {
    hasChanged = true;
    current.abort();
  }

  /** Joins and leaves channels on the open stream. */
  function change(): void {
    const id = connectionId;
    if (!id) return;
    const wanted = wants();
    if (!isWanted()) return reopen();
    const types = typesOf(opened);
    const isCovered = (type: string) => types.length === 0 || types.includes(type);
    const all = typesOf(wanted);
    if (all.length === 0 ? types.length > 0 : !all.every(isCovered)) return reopen();
    for (const channel of new Set([...Object.keys(opened), ...Object.keys(wanted)])) {
      const want = wanted[channel];
      if (!opened[channel] === !want) continue;
      const query = want?.id ? `?lastEventId=${encodeURIComponent(want.id)}` : '';
      const path = `/stream/${id}/channels/${encodeURIComponent(channel)}${want ? query : ''}`;
      void send(want ? 'PUT' : 'DELETE', path, undefined, 3).then(({ isOk }) => {
        if (!isOk && connectionId === id) reopen();
      });
    }
    opened = wanted;
  }

  return {
    update() {
      isRefused = false;
      change();
      void run();
    },
    cut: () => current.abort(),
    pause(isNow) {
      isPaused = isNow;
      if (isNow) current.abort();
      else void run();
    },
    close() {
      isClosed = true;
      current.abort();
    },
  };
}
