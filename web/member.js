const ID = /^[A-Za-z0-9_.-]{1,64}$/;

/**
 * The member that a token names. A server derives another id from a `sub` that is no id; the page
 * learns that one from the answer to its first comment.
 * @param {string} [token]
 * @returns {string | undefined}
 */
export function memberOf(token = '') {
  const [, claims = ''] = token.split('.');
  try {
    const { sub } = JSON.parse(atob(claims.replaceAll('-', '+').replaceAll('_', '/')));
    return ID.test(String(sub)) ? String(sub) : undefined;
  } catch {
    return undefined;
  }
}
