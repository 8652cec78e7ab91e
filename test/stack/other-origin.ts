import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a page reads of a stream without and with a preflight, and of a call with one. */
export const byeAndProblem = (url: string) => `(async (url) => {
  const stream = new EventSource(url + '/stream?channel=video:42', { withCredentials: true });
  const bye = await new Promise((resolve, reject) => {
    stream.addEventListener('bye', ({ data }) => resolve(data));
    stream.onerror = () => reject(new Error('the stream cannot be read'));
  });
  stream.close();
  const headers = { Authorization: 'Bearer none', 'Content-Type': 'application/json' };
  const options = { headers, credentials: 'include' };
  const read = await fetch(url + '/stream?channel=video:42', options);
  const again = /"reason":"(\\w+)"/.exec(await read.text())?.[1];
  const answer = await fetch(url + '/videos/42/likes', { ...options, method: 'POST', body: '{}' });
  return [JSON.parse(bye).reason, again, answer.status, (await answer.json()).code];
})(${JSON.stringify(url)})`;

/** A site with an empty page, and an origin other than that of the proxy. */
export async function emptySite() {
  const site = createServer((_, response) => {
    response.setHeader('Content-Type', 'text/html');
    response.end('<!doctype html>');
  });
  await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
  return { site, url: `http://localhost:${(site.address() as AddressInfo).port}/` };
}
