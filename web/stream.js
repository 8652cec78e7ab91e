const REOPEN_MS = [1000, 2000, 4000, 8000, 15000];

/** The server sends a ping after 15 s of silence at the latest. */
const SILENCE_MS = 35_000;
const CHECK_MS = 5000;

/** A call to join or leave a channel is tried again after these times. */
const CALL_MS = [1000, 3000, 9000];

const REASONS = [
  [/drain|shut|restart|deploy/i, 'the server restarts'],
  [/full|capacity|many/i, 'the server is full'],
  [/slow/i, 'this connection is too slow'],
  [/unavailable|away|depend/i, 'a part of the server is unavailable'],
];

/**
 * Describes a `bye` for the viewer.
 * @param {{reason?: string, retryMs?: number}} bye
 */
function describe({ reason = '', retryMs }) {
  const known = REASONS.find(([pattern]) => pattern.test(reason));
  const words = known ? known[1] : reason.slice(0, 60).replaceAll('_', ' ');
  const when = retryMs >= 1000 ? `(about ${Math.round(retryMs / 1000)} s)` : '';
  return [words, when].filter(Boolean).join(' ');
}

/**
 * Joins and leaves channels on the open stream, and joins them again on each new one.
 * @param {Record<string, string>} headers
 */
function createJoined(headers) {
  const joined = new Set();
  let connectionId;

  async function call(method, channel, attempt = 0) {
    const id = connectionId;
    const path = `/stream/${id}/channels/${encodeURIComponent(channel)}`;
    const response = await fetch(path, { method, headers }).catch(() => undefined);
    const isTemporary = !response || response.status === 429 || response.status >= 500;
    if (!isTemporary || attempt >= CALL_MS.length) return;
    setTimeout(() => {
      const isWanted = joined.has(channel) === (method === 'PUT');
      if (connectionId === id && isWanted) call(method, channel, attempt + 1);
    }, CALL_MS[attempt]);
  }

  return {
    connected(id) {
      connectionId = id;
      for (const channel of joined) call('PUT', channel);
    },
    disconnected() {
      connectionId = undefined;
    },
    join(channel) {
      joined.add(channel);
      if (connectionId) call('PUT', channel);
    },
    leave(channel) {
      joined.delete(channel);
      if (connectionId) call('DELETE', channel);
    },
  };
}

/** Calls `ended` if a stream is silent for too long, as after the loss of a network. */
function createWatchdog(ended) {
  let heardAt = performance.now();
  const timer = setInterval(() => {
    if (performance.now() - heardAt < SILENCE_MS) return;
    clearInterval(timer);
    ended();
  }, CHECK_MS);
  return {
    heard() {
      heardAt = performance.now();
    },
    end: () => clearInterval(timer),
  };
}

/**
 * Watches channels over `EventSource`, for as long as the page lives.
 * @param {{channels: string[], token?: string, probe: string,
 *   status: (state: 'connected'|'coming-back'|'no-token', words?: string) => void,
 *   on: Record<string, (data: object) => void>}} options `probe`: a path that answers 401 or 403
 *   if the token is refused; `on`: by event name, what takes its data
 * @returns {{join: (channel: string) => void, leave: (channel: string) => void}} further channels
 */
export function watch({ channels, token, probe, status, on }) {
  const headers = token ? { Authorization: `Bearer ${token}` } : {};
  const joined = createJoined(headers);
  let lastEventId = '';
  let refusals = 0;
  let bye = '';

  const own = {
    // Not at `open`: a full server answers 200, too, with only a `bye`.
    ready({ connectionId }) {
      refusals = 0;
      bye = '';
      joined.connected(connectionId);
      status('connected');
    },
    bye(data) {
      bye = describe(data);
      status('coming-back', bye);
    },
    ping() {},
  };

  function address() {
    const query = new URLSearchParams(channels.map((channel) => ['channel', channel]));
    if (token) query.set('access_token', token);
    if (lastEventId) query.set('lastEventId', lastEventId);
    return `/stream?${query}`;
  }

  // EventSource does not say which status closed it.
  async function isRefused() {
    const response = await fetch(probe, { headers }).catch(() => undefined);
    return [401, 403].includes(response?.status);
  }

  function open() {
    const source = new EventSource(address());
    const watchdog = createWatchdog(() => {
      source.close();
      joined.disconnected();
      status('coming-back');
      open();
    });
    for (const name of new Set([...Object.keys(own), ...Object.keys(on)])) {
      source.addEventListener(name, (event) => {
        watchdog.heard();
        if (event.lastEventId) lastEventId = event.lastEventId;
        const data = JSON.parse(event.data);
        own[name]?.(data);
        on[name]?.(data);
      });
    }
    source.onerror = async () => {
      joined.disconnected();
      status('coming-back', bye);
      bye = '';
      if (source.readyState !== EventSource.CLOSED) return;
      watchdog.end();
      if (await isRefused()) return status('no-token');
      // EventSource gives up after any status but 200, also after a temporary 502 of a proxy.
      setTimeout(open, REOPEN_MS[Math.min(refusals++, REOPEN_MS.length - 1)]);
    };
  }

  open();
  return { join: joined.join, leave: joined.leave };
}
