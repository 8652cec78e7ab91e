// Runs compose.yaml in real containers. It needs an engine and images, so `npm test` leaves it out:
//   npx jest --testMatch '**/containers.check.ts'
// runs it; stand-ins/check.sh runs it where images cannot be pulled. It kills processes by their
// ids, so it must run as root on the engine's own machine.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { z } from 'zod';
import { openBrowser, openWindow, type Window } from '../browser/browser';
import { call, eventually, post, range, tapId, totalsOf } from '../end-to-end/api';
import { StreamClient } from '../end-to-end/stream-client';
import { videosOfAllPartitions } from '../stack/partition-videos';
import { fileOf } from './compose-file';
import { compose, crash, stateOf, Taps, urlOf } from './containers';

const UP_MS = 600_000;
const FLOW_MS = 120_000;
const GAP_MS = 160;
/** A container of each kind, and those of the second datacenter that affect the link. */
const KINDS = [
  ...['producer-1', 'dispatcher-1', 'frontend-1', 'door', 'redis', 'kafka', 'cassandra'],
  ...['mirrormaker', 'dc2-kafka', 'dc2-dispatcher-2'],
];
const PICTURES = process.env.PICTURES;

let browser: Browser;
let doors: string[];
let token: string;
let headers: Record<string, string>;

beforeAll(async () => {
  await compose('up', '--detach', '--wait', '--no-build', '--pull', 'never');
  doors = [await urlOf('door', 8_080), await urlOf('dc2-door', 8_080)];
  token = /token=(\S+)/.exec(await compose('run', '--rm', '--no-deps', 'welcome'))?.[1] ?? '';
  headers = { Authorization: `Bearer ${token}` };
  browser = await openBrowser();
}, UP_MS);

afterAll(() => browser?.close());

async function picture({ page }: Window, name: string): Promise<void> {
  if (PICTURES === undefined) return;
  mkdirSync(PICTURES, { recursive: true });
  await page.screenshot({ path: join(PICTURES, `${name}.png`) });
}

function watch(door: string, videos: readonly string[]): StreamClient {
  const channels = videos.map((video) => `video:${video}`);
  return new StreamClient(door, channels, { reconnects: true, query: `access_token=${token}` });
}

test(
  'shows likes of either datacenter on the pages of both',
  async () => {
    const video = tapId();
    const windows = await Promise.all(
      doors.map((door) => openWindow(browser, `${door}/?video=${video}&token=${token}`)),
    );
    const bothShow = (total: number) =>
      eventually(async () => {
        for (const { page } of windows) {
          const shown = await page.getByTestId('total').getAttribute('data-total');
          expect(shown).toBe(String(total));
        }
      }, FLOW_MS);
    await bothShow(0);
    expect(await post(doors[0] ?? '', video, {}, { headers })).toMatchObject({ status: 201 });
    await bothShow(1);
    for (const { page } of windows) await page.getByTestId('like').click();
    await bothShow(3);
    for (const [at, window] of windows.entries()) {
      await picture(window, `page-dc${at + 1}`);
      expect(window.problems).toEqual([]);
      await window.page.close();
    }
  },
  FLOW_MS,
);

describe('while likes come in both datacenters', () => {
  const videos = videosOfAllPartitions();
  let taps: Taps[];
  let viewers: StreamClient[];

  beforeAll(() => {
    taps = doors.flatMap((door) => videos.map((video) => new Taps(door, video, headers, GAP_MS)));
    viewers = doors.map((door) => watch(door, videos));
  });

  test.each(KINDS)(
    '%s ends, comes back, and likes flow again to both',
    async (service) => {
      const from = performance.now();
      await crash(service);
      await flowsEverywhere();
      const seconds = ((performance.now() - from) / 1_000).toFixed(1);
      await eventually(async () => {
        expect((await stateOf(service)).Health.Status).toBe('healthy');
      }, FLOW_MS);
      process.stdout.write(`${service} killed: likes flow everywhere after ${seconds} s\n`);
    },
    FLOW_MS * 2,
  );

  test(
    'ends with exact totals in both, on streams and by GET',
    async () => {
      await Promise.all(taps.map((each) => each.stop()));
      const expected = new Map(videos.map((video, at) => [video, answeredOf(at)]));
      await eventually(async () => {
        for (const [video, total] of expected) {
          for (const [at, door] of doors.entries()) {
            expect(viewers[at]?.total(`video:${video}`)).toBe(total);
            expect(await totalsOf(door, video, { headers })).toMatchObject({ total });
          }
        }
      }, FLOW_MS);
      expect(viewers.flatMap(({ faults }) => faults)).toEqual([]);
      const sum = [...expected.values()].reduce((all, total) => all + total, 0);
      process.stdout.write(`${sum} likes, the same at both\n`);
      for (const viewer of viewers) viewer.close();
    },
    FLOW_MS * 2,
  );

  function answeredOf(at: number): number {
    const ofVideo = taps.filter((_, index) => index % videos.length === at);
    return ofVideo.reduce((all, { answered }) => all + answered.size, 0);
  }

  /** A like posted at each door on every partition is sent to viewers of both, as earlier ones. */
  async function flowsEverywhere(): Promise<void> {
    const before = range(taps.length).map((at) => taps[at]?.answered.size ?? 0);
    await eventually(() => {
      for (const [at, { answered }] of taps.entries())
        expect(answered.size).toBeGreaterThan(before[at] ?? 0);
    }, FLOW_MS);
    const least = videos.map((_, at) => answeredOf(at));
    await eventually(() => {
      for (const viewer of viewers) {
        for (const [at, video] of videos.entries())
          expect(viewer.total(`video:${video}`)).toBeGreaterThanOrEqual(least[at] ?? 0);
      }
    }, FLOW_MS);
  }
});

describe('Prometheus', () => {
  const answer = z.object({ data: z.object({ result: z.array(z.unknown()) }) });
  const targets = z.object({
    data: z.object({ activeTargets: z.array(z.object({ health: z.string() })) }),
  });
  const rules = z.object({
    data: z.object({
      groups: z.array(
        z.object({ rules: z.array(z.object({ name: z.string(), health: z.string() })) }),
      ),
    }),
  });
  let url: string;

  beforeAll(async () => {
    url = await urlOf('prometheus', 9_090);
  });

  async function ask(path: string): Promise<unknown> {
    return JSON.parse((await call(url, 'GET', path)).text);
  }

  test(
    'scrapes all twelve processes',
    () =>
      eventually(async () => {
        const { activeTargets } = targets.parse(await ask('/api/v1/targets')).data;
        expect(activeTargets.map(({ health }) => health)).toEqual(range(12).map(() => 'up'));
      }, FLOW_MS),
    FLOW_MS,
  );

  const panel = z.object({ title: z.string(), targets: z.array(z.object({ expr: z.string() })) });
  const { panels } = z
    .object({ panels: z.array(panel) })
    .parse(JSON.parse(fileOf('grafana', 'dashboards', 'likestream.json')));

  test.each(panels.flatMap(({ title, targets }) => targets.map(({ expr }) => [title, expr])))(
    'has a result for %s: %s',
    async (_, expr) => {
      const path = `/api/v1/query?query=${encodeURIComponent(expr)}`;
      expect(answer.parse(await ask(path)).data.result.length).toBeGreaterThan(0);
    },
  );

  test('loads the alerts', async () => {
    const all = rules.parse(await ask('/api/v1/rules')).data.groups.flatMap(({ rules }) => rules);
    expect(all.length).toBeGreaterThan(0);
    expect(all.filter(({ health }) => health !== 'ok')).toEqual([]);
  });
});

test(
  'a role ends by itself after SIGTERM',
  async () => {
    for (const service of ['producer-2', 'dispatcher-2', 'frontend-2']) {
      await compose('stop', service);
      expect(await stateOf(service)).toMatchObject({ ExitCode: 0 });
      await compose('start', service);
    }
  },
  FLOW_MS,
);
