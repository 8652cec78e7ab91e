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
 * Watches one video over `EventSource`, for as long as the page lives.
 * @param {{videoId: string, token?: string, on: {
 *   status: (state: 'connected'|'coming-back'|'no-token', words?: string) => void,
 *   counts: (data: {total: number, reactions: Record<string, number>}) => void,
 *   viewers: (count: number) => void}}} options
 */
export function watch({ videoId, token, on }) {
  let lastEventId = '';
  let refusals = 0;
  let bye = '';

  function address() {
    const query = new URLSearchParams({ channel: `video:${videoId}`, events: 'likes' });
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
    const headers = token ? { Authorization: `Bearer ${token}` } : {};
    const path = `/videos/${encodeURIComponent(videoId)}/likes`;
    const response = await fetch(path, { headers }).catch(() => undefined);
    return [401, 403].includes(response?.status);
  }

  function connected() {
    refusals = 0;
    bye = '';
    on.status('connected');
  }

  function open() {
    const source = new EventSource(address());
    // Not at `open`: a full server answers 200, too, with only a `bye`.
    listen(source, 'ready', connected);
    listen(source, 'snapshot', (data) => {
      if (data.reactions) on.counts(data);
      if (Number.isFinite(data.viewers)) on.viewers(data.viewers);
    });
    listen(source, 'likes', on.counts);
    listen(source, 'viewers', (data) => on.viewers(data.viewers));
    listen(source, 'bye', (data) => {
      bye = describe(data);
      on.status('coming-back', bye);
    });
    source.onerror = async () => {
      on.status('coming-back', bye);
      bye = '';
      if (source.readyState !== EventSource.CLOSED) return;
      if (await isRefused()) return on.status('no-token');
      // EventSource gives up after any status but 200, also after a temporary 502 of a proxy.
      setTimeout(open, REOPEN_MS[Math.min(refusals++, REOPEN_MS.length - 1)]);
    };
  }

  open();
}
