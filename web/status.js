const REASONS = [
  [/drain|shut|restart|deploy/i, 'the server restarts'],
  [/full|capacity|many/i, 'the server is full'],
  [/slow/i, 'this connection is too slow'],
  [/unavailable|away|depend|^5/i, 'a part of the server is unavailable'],
];

const WORDS = {
  connecting: 'coming back…',
  connected: 'connected',
  offline: 'waiting for the network',
  paused: 'paused',
  refused: 'a valid token is needed',
  closed: 'closed',
  unplugged: 'the plug is pulled',
};

/** Reasons for which another token is needed. */
const NEEDS_TOKEN = ['unauthorized', 'token_expired', '401'];

/** Whether the server refuses this page for another reason than a missing or invalid token. */
export function isForbidden({ state, reason }) {
  return state === 'refused' && reason !== undefined && !NEEDS_TOKEN.includes(reason);
}

/** Describes why a connection is being opened again, and when. */
function describe({ reason = '', retryMs }) {
  const known = REASONS.find(([pattern]) => pattern.test(reason));
  const words = known ? known[1] : reason.slice(0, 60).replaceAll('_', ' ');
  const when = retryMs >= 1000 ? `(about ${Math.round(retryMs / 1000)} s)` : '';
  return [words, when].filter(Boolean).join(' ');
}

/**
 * Shows what the connection is doing.
 * @param {HTMLElement} chip with the state in `data-state`
 * @param {HTMLElement} line its words
 * @returns {(status: {state: string, reason?: string, retryMs?: number}) => void}
 */
export function createStatus(chip, line) {
  let hasConnected = false;
  return (status) => {
    hasConnected ||= status.state === 'connected';
    chip.dataset.state = status.state;
    const isFirst = status.state === 'connecting' && !hasConnected && !status.reason;
    let words = isFirst ? 'connecting…' : WORDS[status.state];
    if (isForbidden(status)) words = `refused: ${status.reason.replaceAll('_', ' ')}`;
    line.textContent = [words, status.state === 'connecting' && describe(status)]
      .filter(Boolean)
      .join(' ');
  };
}
