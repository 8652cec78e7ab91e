const REOPEN_MS = [1000, 2000, 4000, 8000, 15000];

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
 * Watches channels over `EventSource`, for as long as the page lives.
 * @param {{channels: string[], token?: string, probe: string,
 *   status: (state: 'connected'|'coming-back'|'no-token', words?: string) => void,
 *   on: Record<string, (data: object) => void>}} options `probe`: a path that answers 401 or 403
 *   if the token is refused; `on`: by event name, what takes its data
 * @returns {{join: (channel: string) => void}}
 */
export function watch({ channels, token, probe, status, on }) {
  const headers = token ? { Authorization: `Bearer ${token}` } : {};
  const joined = new Set();
  let lastEventId = '';
  let connectionId;
  let refusals = 0;
  let bye = '';

  function address() {
    const query = new URLSearchParams(channels.map((channel) => ['channel', channel]));
    if (token) query.set('access_token', token);
    if (lastEventId) query.set('lastEventId', lastEventId);
    return `/stream?${query}`;
  }

  function listen(source, name, handle) {
    source.addEventListener(name, (event) => {
      if (event.lastEventId) lastEventId = event.lastEventId;
      handle(JSON.parse(event.data));
    });
  }

  // EventSource does not say which status closed it.
  async function isRefused() {
    const response = await fetch(probe, { headers }).catch(() => undefined);
    return [401, 403].includes(response?.status);
  }

  function put(channel) {
    const path = `/stream/${connectionId}/channels/${encodeURIComponent(channel)}`;
    fetch(path, { method: 'PUT', headers }).catch(() => undefined);
  }

  function connected(ready) {
    connectionId = ready.connectionId;
    refusals = 0;
    bye = '';
    for (const channel of joined) put(channel);
    status('connected');
  }

  function open() {
    const source = new EventSource(address());
    // Not at `open`: a full server answers 200, too, with only a `bye`.
    listen(source, 'ready', connected);
    for (const [name, handle] of Object.entries(on)) listen(source, name, handle);
    listen(source, 'bye', (data) => {
      bye = describe(data);
      status('coming-back', bye);
    });
    source.onerror = async () => {
      connectionId = undefined;
      status('coming-back', bye);
      bye = '';
      if (source.readyState !== EventSource.CLOSED) return;
      if (await isRefused()) return status('no-token');
      // EventSource gives up after any status but 200, also after a temporary 502 of a proxy.
      setTimeout(open, REOPEN_MS[Math.min(refusals++, REOPEN_MS.length - 1)]);
    };
  }

  open();
  return {
    /** Joins a channel, and joins it again after each reconnection. */
    join(channel) {
      if (joined.has(channel)) return;
      joined.add(channel);
      if (connectionId) put(channel);
    },
  };
}
