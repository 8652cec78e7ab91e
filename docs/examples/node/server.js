/**
 * A site of its own in front of likestream, with Node's standard library alone: renders the present
 * total into its page, from which the browser goes on without a second request for the state, and
 * publishes the score of a match as an attribute.
 *
 *   JWT_SECRET=… ANONYMOUS=all npm start                  # likestream
 *   JWT_SECRET=… node docs/examples/node/server.js        # this site, on port 3000
 *                                                         # or both with JWT_SECRET_FILE
 *   curl -X PUT -d '{"home":1,"away":0}' http://127.0.0.1:3000/score
 */
const { createHmac } = require('node:crypto');
const { readFileSync } = require('node:fs');
const { createServer } = require('node:http');
const { text } = require('node:stream/consumers');

const {
  JWT_SECRET = '',
  JWT_SECRET_FILE,
  LIKESTREAM = 'http://localhost:8080',
  PORT = '3000',
} = process.env;
const KEY = JWT_SECRET_FILE ? readFileSync(JWT_SECRET_FILE, 'utf8').trim() : JWT_SECRET;
const ANSWER_MS = 2_000;
const LIFE_S = 60;

/** A token of this backend, which may watch all videos and publish attributes. */
function token() {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const exp = Math.floor(Date.now() / 1000) + LIFE_S;
  const rights = { watch: ['video:*'], publish: ['video:*'] };
  const claims = part({ sub: 'site', exp, likestream: rights });
  const signed = `${part({ alg: 'HS256', typ: 'JWT' })}.${claims}`;
  return `${signed}.${createHmac('sha256', KEY).update(signed).digest('base64url')}`;
}

function call(method, path, body) {
  return fetch(`${LIKESTREAM}${path}`, {
    ...{ method, body, signal: AbortSignal.timeout(ANSWER_MS) },
    headers: { Authorization: `Bearer ${token()}` },
  });
}

/** JSON that is safe inside a script element. */
const inScript = (value) => JSON.stringify(value).replaceAll('<', '\\u003c');

function page(state, attributes) {
  return `<!doctype html>
<meta charset="utf-8">
<title>A match</title>
<p>Score: <output id="score">${inScript(attributes.score ?? null)}</output></p>
<button id="like" type="button">♥ <span id="total">${state.total}</span></button>
<script type="module">
  import { connect } from '${LIKESTREAM}/client.js';
  const show = (id, text) => { document.getElementById(id).textContent = text; };
  const state = ${inScript(state)};
  const handlers = {
    likes: ({ total }) => show('total', total),
    attribute: ({ name, value }) => show(name, JSON.stringify(value)),
  };
  const live = connect({ url: '${LIKESTREAM}' });
  const video = live.watch('video:42', handlers, { id: state.id, state });
  document.getElementById('like').onclick = () => video.like();
</script>`;
}

async function answer(request, response) {
  if (request.method === 'PUT' && request.url === '/score') {
    const value = JSON.parse(await text(request));
    const put = await call('PUT', '/videos/42/attributes/score', JSON.stringify({ value }));
    response.writeHead(put.status).end();
    return;
  }
  const likes = await (await call('GET', '/videos/42/likes')).json();
  const { attributes } = await (await call('GET', '/videos/42/attributes')).json();
  response.setHeader('Content-Type', 'text/html');
  response.end(page(likes, attributes));
}

const server = createServer((request, response) => {
  answer(request, response).catch((error) => response.writeHead(502).end(`${error}\n`));
});
server.listen(Number(PORT), '127.0.0.1', () => {
  process.stdout.write(`http://localhost:${server.address().port}/\n`);
});
