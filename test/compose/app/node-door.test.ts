import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../../compose/native/folders';
import { eventually } from '../../end-to-end/api';
import { freePort } from '../../end-to-end/server';

const DOOR = join(ROOT, 'dist', 'compose', 'app', 'node-door.js');
const ORIGIN = 'https://page.example';
const START_MS = 30_000;

describe('the door in Node, with no server behind it', () => {
  let door: ChildProcess;
  let url: string;

  beforeAll(async () => {
    expect(existsSync(DOOR)).toBe(true);
    const [port, unused] = [await freePort(), await freePort()];
    const upstream = `http://127.0.0.1:${unused}`;
    door = spawn(process.execPath, [DOOR, String(port), upstream, upstream], { stdio: 'inherit' });
    url = `http://127.0.0.1:${port}`;
    await eventually(async () => expect((await fetch(`${url}/any`)).status).toBe(503), START_MS);
  }, START_MS);

  afterAll(async () => {
    door.kill();
    await once(door, 'exit');
  });

  const ask = (path: string, method = 'GET') =>
    fetch(url + path, { method, headers: { Origin: ORIGIN } });

  function expectReadable({ headers }: Response): void {
    expect(headers.get('Access-Control-Allow-Origin')).toBe(ORIGIN);
    expect(headers.get('Access-Control-Allow-Credentials')).toBe('true');
  }

  it('lets pages of other origins read its `bye`', async () => {
    const answer = await ask('/stream?channel=video:42');
    expect([answer.status, answer.headers.get('Content-Type')]).toEqual([200, 'text/event-stream']);
    expectReadable(answer);
    const text = await answer.text();
    expect(text).toMatch(/^retry: (\d+)\nevent: bye\ndata: .*"retryMs":\1}\n\n$/);
  });

  it('lets them read its problems and when to come back', async () => {
    const answer = await ask('/videos/42/likes', 'POST');
    expect(answer.status).toBe(503);
    expectReadable(answer);
    expect(answer.headers.get('Access-Control-Expose-Headers')).toBe('Retry-After');
    expect(await answer.json()).toMatchObject({ code: 'peer_unavailable' });
  });

  it('answers preflights, so that the request itself gets its answer', async () => {
    const answer = await ask('/stream?channel=video:42', 'OPTIONS');
    expect(answer.status).toBe(204);
    expectReadable(answer);
    expect(answer.headers.get('Access-Control-Allow-Headers')).toContain('Last-Event-ID');
  });

  it('names no origin to who has none', async () => {
    const answer = await fetch(`${url}/videos/42/likes`);
    expect(answer.headers.has('Access-Control-Allow-Origin')).toBe(false);
  });
});
