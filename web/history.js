const PAGE = 100;

/** The pages that are read of one gap; then only the newest comments are. */
const MOST_PAGES = 5;

function pathOf(history, change) {
  const url = new URL(history, location.origin);
  url.searchParams.set('limit', PAGE);
  change(url.searchParams);
  return url.pathname + url.search;
}

/**
 * Reads the comments that a stream left out, the oldest first.
 * @param {(method: string, path: string) => Promise<{isOk: boolean, answer?: object}>} send
 * @param {string} history the path of the event `gap`
 * @returns {Promise<{comments: object[], isComplete: boolean}>} `isComplete`: none is missing; else
 *   the newest of them, and deletions among earlier ones may be missing
 */
export async function readHistory(send, history) {
  const comments = [];
  let path = pathOf(history, () => {});
  for (let page = 0; path && page < MOST_PAGES; page++) {
    const { answer, isOk } = await send('GET', path);
    if (!isOk) break;
    comments.push(...answer.comments);
    path = answer.next;
  }
  if (!path) return { comments, isComplete: true };
  const newest = pathOf(history, (query) => query.delete('after'));
  const { answer } = await send('GET', newest);
  return { comments: answer?.comments?.toReversed() ?? [], isComplete: false };
}
