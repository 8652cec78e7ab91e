import { connect } from 'likestream-client';
import { createBoard } from './board.js';
import { startConversation } from './conversation.js';
import { createPictures } from './pictures.js';
import { createPlug } from './plug.js';
import { createPulse } from './pulse.js';
import { createCrowd } from './simulate.js';
import { createStatus, isForbidden } from './status.js';
import { bindTheme } from './theme-switch.js';
import { createWay } from './way.js';

const query = new URLSearchParams(location.search);
const videoId = query.get('video') || 'demo';
const token = query.get('token');
const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
const path = `/videos/${encodeURIComponent(videoId)}/likes`;
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
const way = createWay({
  panel: part('way'),
  brief: part('way-brief'),
  medians: part('way-medians'),
  place: part('way-place'),
});
let plug;
const showStatus = createStatus(part('status'), part('status-text'));

const live = connect({ ...(token && { token }), status });
const video = live.watch(`video:${videoId}`, { likes: showLikes, viewers: showViewers });
plug = createPlug({
  ...{ live, path, input: part('plug'), line: part('plug-text') },
  shown: () => Number(part('total').dataset.total),
  pulled: () => showStatus({ state: 'unplugged' }),
});

function note(words) {
  part('notice').textContent = words;
}

function status(now) {
  showStatus(plug?.isOut ? { state: 'unplugged' } : now);
  if (isForbidden(now)) explain();
  else if (now.state === 'refused') {
    note('Run npm run token -- --sub ann with the server’s JWT_SECRET, and open /?token=TOKEN.');
  }
  plug?.status(now);
}

/** Shows why the server refuses the stream: a call has the words of the problem. */
async function explain() {
  const channels = [`video:${videoId}`, `conversation:${videoId}`];
  const stream = `/stream?${new URLSearchParams(channels.map((channel) => ['channel', channel]))}`;
  const { body } = await live.send('GET', stream, undefined, 1);
  if (body?.detail) note(`The server refuses this page: ${body.detail}.`);
}

async function react(button) {
  const { reaction } = button.dataset;
  const startedAt = performance.now();
  hearts.own(reaction, button);
  const sent = video.like(reaction);
  raise(1);
  way.follow(sent);
  const bounce = [{ scale: 1 }, { scale: 0.84 }, { scale: 1.14 }, { scale: 1 }];
  if (!still) button.querySelector('img').animate(bounce, { duration: 320, easing: 'ease-out' });
  const { isOk, body } = await sent;
  if (isOk) {
    const milliseconds = Math.round(performance.now() - startedAt);
    note(`Your tap was logged and stored in ${milliseconds} ms.`);
  } else if (body?.code === 'video_paused') note('Reactions are paused for this video.');
  else note('This tap could not be sent. Please tap again.');
}

/** Shows more likes in the curve and in the crowd. */
function raise(likes) {
  pulse.add(likes);
  scene.cheer(likes);
}

function showLikes({ total, reactions, others, seen }) {
  board.show({ total, reactions });
  way.state(seen);
  const count = Object.values(others).reduce((sum, each) => sum + each, 0);
  if (count === 0) return;
  raise(count);
  hearts.burst(others);
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
  const crowd = createCrowd(live, path);
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
bindTheme(part('theme'));
startConversation({
  ...{ live, videoId, note },
  parts: {
    list: part('comments'),
    form: part('compose'),
    text: part('comment'),
    typing: part('typing'),
    read: part('read'),
    score: part('score'),
  },
});
