const REOPEN_MS = [1000, 2000, 4000, 8000, 15000];

const KIND_WORDS = [
  [/drain|shut|restart|deploy/i, 'the server is changing over'],
  [/full|capacity|many/i, 'the house is full right now'],
  [/slow/i, 'this connection fell behind'],
  [/unavailable|away|depend/i, 'a part of the server is away'],
];

/** @param {{reason?: string, retryMs?: number}} bye */
function kindly({ reason = '', retryMs }) {
  const known = KIND_WORDS.find(([pattern]) => pattern.test(reason));
  const words = known ? known[1] : reason.slice(0, 60).replaceAll('_', ' ');
  const when = retryMs >= 1000 ? `(about ${Math.round(retryMs / 1000)} s)` : '';
  return [words, when].filter(Boolean).join(' ');
}

/**
 * Watches one video over `EventSource`, for as long as the page lives.
 * @param {{videoId: string, token?: string, on: {
 *   status: (state: 'connected'|'coming-back', words?: string) => void,
 *   counts: (data: {total: number, reactions: Record<string, number>}) => void,
 *   viewers: (count: number) => void}}} options
 */
export function watch({ videoId, token, on }) {
  let lastEventId = '';
  let refusals = 0;
  let bye = '';

  function address() {
    const query = new URLSearchParams({ channel: `video:${videoId}` });
    if (token) query.set('access_token', token);
    if (lastEventId) query.set('lastEventId', lastEventId);
    return `/stream?${query}`;
  }

  function listen(source, name, take) {
    source.addEventListener(name, (event) => {
      if (event.lastEventId) lastEventId = event.lastEventId;
      take(JSON.parse(event.data));
    });
  }

  function alive() {
    refusals = 0;
    bye = '';
    on.status('connected');
  }

  function open() {
    const source = new EventSource(address());
    // Not at `open`: a server that is full answers 200 too, with nothing but a `bye`.
    listen(source, 'ready', alive);
    listen(source, 'snapshot', (data) => {
      on.counts(data);
      if (Number.isFinite(data.viewers)) on.viewers(data.viewers);
    });
    listen(source, 'likes', on.counts);
    listen(source, 'viewers', (data) => on.viewers(data.viewers));
    listen(source, 'bye', (data) => {
      bye = kindly(data);
      on.status('coming-back', bye);
    });
    source.onerror = () => {
      on.status('coming-back', bye);
      bye = '';
      if (source.readyState !== EventSource.CLOSED) return;
      // EventSource gives up after any status but 200, a proxy's passing 502 included.
      setTimeout(open, REOPEN_MS[Math.min(refusals++, REOPEN_MS.length - 1)]);
    };
  }

  open();
}
