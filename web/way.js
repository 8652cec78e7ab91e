/** The states of the stream that are remembered, for likes whose answer comes after them. */
const MOST_STATES = 64;

/** The likes whose times give the medians. */
const MOST_LIKES = 20;

/** After this time a like is followed no longer. */
const LONGEST_MS = 30_000;

const STAGES = ['shown', 'stored', 'stream'];

function ms(value) {
  const isShort = value > 0 && value < 10;
  return isShort ? value.toFixed(1) : Math.round(value).toLocaleString('en');
}

/** Whether a vector, as `dc1.1@7,dc2.1@3`, has a place, as `dc1.1@5`. */
function covers(vector, place) {
  const [origin, offset] = place.split('@');
  return vector.split(',').some((each) => {
    const [one, newest] = each.split('@');
    return one === origin && Number(newest) >= Number(offset);
  });
}

/** The place of a like, or of the last of those that were sent in one request. */
function placeIn(body) {
  return body?.place ?? body?.likes?.at(-1)?.place;
}

function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

/**
 * Shows the way of the newest own like, with the time of each stage.
 * @param {{panel: HTMLElement, brief: HTMLElement, medians: HTMLElement, place: HTMLElement}} parts
 */
export function createWay({ panel, brief, medians, place }) {
  const states = [];
  const done = [];
  let like;

  const rowOf = (stage) => panel.querySelector(`[data-stage="${stage}"]`);

  function show(stage, value) {
    rowOf(stage).querySelector('output').textContent =
      value === undefined ? '…' : `${ms(value)} ms`;
    rowOf(stage).dataset.state = value === undefined ? 'waiting' : 'done';
  }

  function reach(stage, at = performance.now()) {
    like.times[stage] = Math.max(0, at - like.startedAt);
    show(stage, like.times[stage]);
    if (STAGES.every((each) => like.times[each] !== undefined)) end();
  }

  function end() {
    done.push(like.times);
    if (done.length > MOST_LIKES) done.shift();
    const { stored, stream } = like.times;
    brief.textContent = `Your like: stored in ${ms(stored)} ms, on the stream in ${ms(stream)} ms`;
    const [storedMs, streamMs] = ['stored', 'stream'].map((stage) =>
      ms(median(done.map((times) => times[stage]))),
    );
    const count = done.length === 1 ? 'your like' : `your last ${done.length} likes`;
    medians.textContent = `Median of ${count}: stored in ${storedMs} ms, on the stream in ${streamMs} ms.`;
    like = undefined;
  }

  function findOnStream() {
    if (like?.place === undefined || like.times.stream !== undefined) return;
    const state = states.find(({ seen }) => covers(seen, like.place));
    if (state) reach('stream', state.at);
  }

  function begin() {
    like = { startedAt: performance.now(), times: {} };
    states.length = 0;
    panel.dataset.state = 'running';
    show('tap', 0);
    for (const stage of STAGES) show(stage);
    place.textContent = '…';
    return like;
  }

  return {
    /**
     * Follows a like, unless another one is on its way.
     * @param {Promise<import('likestream-client').Answer>} sent its answer
     */
    async follow(sent) {
      if (like && performance.now() - like.startedAt < LONGEST_MS) return;
      const mine = begin();
      // The first frame draws it; it is on the screen when the second one begins.
      requestAnimationFrame(() =>
        requestAnimationFrame(() => {
          if (like === mine) reach('shown');
        }),
      );
      const { isOk, body } = await sent;
      if (like !== mine) return;
      if (!isOk) {
        brief.textContent = 'Your like was refused.';
        like = undefined;
        return;
      }
      like.place = placeIn(body);
      place.textContent = like.place;
      reach('stored');
      if (like === mine) findOnStream();
    },
    /** @param {string} seen the vector of a state that came on the stream */
    state(seen) {
      if (!like) return;
      states.push({ seen, at: performance.now() });
      if (states.length > MOST_STATES) states.shift();
      findOnStream();
    },
  };
}
