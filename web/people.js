/** The members whose presence the page watches: the newest authors. */
const MOST_WATCHED = 20;

/** How often others may take their place. */
const CHANGE_EVERY_MS = 3000;

/**
 * Watches the presence of the members who commented last.
 * @param {{join: (channel: string) => void, leave: (channel: string) => void}} stream
 * @param {(memberId: string) => void} left called when a member is watched no longer
 */
export function createPeople({ join, leave }, left) {
  /** The newest authors, the newest last. */
  const authors = new Set();
  const watched = new Set();
  let timer;

  function change() {
    timer = undefined;
    for (const id of watched) {
      if (authors.has(id)) continue;
      watched.delete(id);
      leave(`member:${id}`);
      left(id);
    }
    for (const id of authors) {
      if (watched.has(id)) continue;
      watched.add(id);
      join(`member:${id}`);
    }
  }

  return {
    /** A comment of this member was shown. */
    wrote(id) {
      // Visitors without a token have no presence.
      if (id.startsWith('anonymous-')) return;
      authors.delete(id);
      authors.add(id);
      if (authors.size > MOST_WATCHED) authors.delete(authors.values().next().value);
      if (!watched.has(id) && timer === undefined) timer = setTimeout(change, CHANGE_EVERY_MS);
    },
  };
}
