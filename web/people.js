/** The members whose presence the page watches: the newest authors. */
const MOST_WATCHED = 20;

/** How often others may take their place. */
const CHANGE_EVERY_MS = 3000;

/**
 * Watches the presence of the members who commented last.
 * @param {import('likestream-client').Live} live
 * @param {(memberId: string, isOnline: boolean) => void} changed
 */
export function createPeople(live, changed) {
  /** The newest authors, the newest last. */
  const authors = new Set();
  const watched = new Map();
  let timer;

  function change() {
    timer = undefined;
    for (const [id, { close }] of watched) {
      if (authors.has(id)) continue;
      watched.delete(id);
      close();
      changed(id, false);
    }
    for (const id of authors) {
      if (watched.has(id)) continue;
      const presence = ({ online }) => changed(id, online);
      watched.set(id, live.watch(`member:${id}`, { presence }));
    }
  }

  return {
    /** A comment of this member was shown. */
    wrote(id) {
      // Visitors without a token have no presence.
      if (id === '' || id.startsWith('anonymous-')) return;
      authors.delete(id);
      authors.add(id);
      if (authors.size > MOST_WATCHED) authors.delete(authors.values().next().value);
      if (!watched.has(id) && timer === undefined) timer = setTimeout(change, CHANGE_EVERY_MS);
    },
  };
}
