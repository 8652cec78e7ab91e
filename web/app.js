import { createBoard } from './board.js';
import { createConversation } from './conversation.js';
import { createLikes } from './likes.js';
import { createPictures } from './pictures.js';
import { createPulse } from './pulse.js';
import { createCrowd } from './simulate.js';
import { watch } from './stream.js';
import { createTally } from './tally.js';

const STATUS_WORDS = {
  connected: 'connected',
  'coming-back': 'coming back…',
  'no-token': 'a valid token is needed',
};

const query = new URLSearchParams(location.search);
const videoId = query.get('video') || 'demo';
const token = query.get('token') ?? undefined;
const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
const part = (id) => document.getElementById(id);

const { scene, hearts } = createPictures({
  video: part('video'),
  floats: part('floats'),
  from: document.querySelector('[data-reaction="like"]'),
  still,
});
const board = createBoard({
  total: part('total'),
  spoken: part('spoken'),
  counts: part('counts'),
  still,
});
const pulse = createPulse(part('pulse'), (rate) => {
  part('rate').textContent = rate;
});
const tally = createTally();

const likes = createLikes({
  videoId,
  token,
  stored(milliseconds) {
    note(`Your tap was logged and stored in ${Math.round(milliseconds)} ms.`);
  },
  lost(lost, problem) {
    for (const { reaction } of lost) tally.lost(reaction);
    note(
      problem?.code === 'video_paused'
        ? 'Reactions are paused for this video.'
        : 'This tap could not be sent. Please tap again.',
    );
  },
});

function note(words) {
  part('notice').textContent = words;
}

function react(button) {
  const { reaction } = button.dataset;
  tally.tapped(reaction);
  hearts.own(reaction, button);
  likes.send(reaction);
  const bounce = [{ scale: 1 }, { scale: 0.84 }, { scale: 1.14 }, { scale: 1 }];
  if (!still) button.querySelector('img').animate(bounce, { duration: 320, easing: 'ease-out' });
}

function showCounts(state) {
  const { all, others } = tally.advance(state.reactions);
  board.show(state);
  pulse.add(all);
  scene.cheer(all);
  hearts.burst(others);
}

function showStatus(state, words) {
  part('status').dataset.state = state;
  part('status-text').textContent = [STATUS_WORDS[state], words].filter(Boolean).join(' ');
  if (state === 'no-token') {
    note('Run npm run token -- --sub ann with the server’s JWT_SECRET, and open /?token=TOKEN.');
  }
}

function showViewers(count) {
  const chip = part('viewers');
  chip.hidden = false;
  chip.textContent = `${count.toLocaleString('en')} watching`;
}

function bindPause() {
  const button = part('pause');
  const set = (paused) => {
    button.setAttribute('aria-pressed', paused);
    if (paused) scene.pause();
    else scene.play();
  };
  button.addEventListener('click', () => set(button.getAttribute('aria-pressed') !== 'true'));
  set(still);
}

function bindCrowd() {
  const crowd = createCrowd(createLikes({ videoId, token }));
  part('simulate').addEventListener('change', (event) => crowd.run(event.target.checked));
  part('burst').addEventListener('click', crowd.burst);
  part('speed').addEventListener('input', ({ target }) => {
    part('speed-text').textContent = `${target.value} / s`;
    crowd.setRate(Number(target.value));
  });
}

for (const button of document.querySelectorAll('[data-reaction]')) {
  button.addEventListener('click', () => react(button));
}
part('video-id').textContent = videoId;
part('second').href = location.href;
bindPause();
bindCrowd();

const conversation = createConversation({
  videoId,
  token,
  note,
  stream: {
    join: (channel) => stream.join(channel),
    leave: (channel) => stream.leave(channel),
  },
  parts: {
    list: part('comments'),
    form: part('compose'),
    text: part('comment'),
    typing: part('typing'),
    read: part('read'),
    score: part('score'),
  },
});
const stream = watch({
  channels: [`video:${videoId}`, `conversation:${videoId}`],
  token,
  probe: `/videos/${encodeURIComponent(videoId)}/likes`,
  status: showStatus,
  on: {
    ...conversation,
    snapshot(data) {
      if (data.reactions) showCounts(data);
      if (Number.isFinite(data.viewers)) showViewers(data.viewers);
      conversation.snapshot(data);
    },
    likes: showCounts,
    viewers: (data) => showViewers(data.viewers),
  },
});
