import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Compared } from '../../../../tools/bench/compare';
import type { Growth } from '../../../../tools/bench/growth';
import type { Window } from '../../../../tools/bench/measure';
import { reportText } from '../../../../tools/bench/report/markdown';
import { readHistory, readResults } from '../../../../tools/bench/report/results';
import { figure, table } from '../../../../tools/bench/report/table';
import { record } from '../../../../tools/bench/report/write';

const folder = mkdtempSync(join(tmpdir(), 'likestream-report-'));

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function windowWith(more: Partial<Window> = {}): Window {
  return {
    seconds: 5,
    frames: 250_000,
    likes: 250_000,
    posted: 50,
    cpuUsAFrame: 4,
    cores: 0.2,
    clientCores: 0.3,
    elsewhereCores: 0,
    framesPerSecond: 50_000,
    likesPerSecond: 50_000,
    p50Ms: 10,
    p90Ms: 20,
    p99Ms: 30,
    maxMs: 40,
    oldestP90Ms: 25,
    comments: 0,
    commentP50Ms: 0,
    commentP90Ms: 0,
    commentP99Ms: 0,
    broken: 0,
    closed: 0,
    ...more,
  };
}

function compared(server: string, title: string, us: number, times: number): Compared {
  const windows = [us + 100, us, us - 1].map((cpuUsAFrame) => windowWith({ cpuUsAFrame }));
  return {
    server,
    title,
    steady: [{ viewers: 5_000, rate: 10, windows }],
    saturated: [windowWith({ framesPerSecond: 100_000 })],
    memory: { viewers: 15_000, process: 2_048, kernel: 8_192 },
    times: { cpuUsAFrame: [times], saturatedFramesPerSecond: 0.5 },
  };
}

const GROWTH: Growth = {
  byViewers: [1, 2, 4].map((at) => ({ at: at * 1_000, window: windowWith({ cores: at / 10 }) })),
  updatesPerSecond: 2,
  live: [1, 2].map((at) => ({ at: at * 1_000, window: windowWith() })),
  liveLikesPerSecond: 100,
  byLikes: [10, 100].map((at) => ({ at, window: windowWith({ cores: 0.5 }) })),
  likesViewers: 2_000,
};

test('a report has the middle window of each server, and its ratio to the limit of its run', () => {
  record(folder, 'compared', [
    compared('raw', 'raw send() in C', 4, 1),
    compared('likestream', 'likestream', 6, 1.5),
  ]);
  const text = readFileSync(join(folder, 'report.md'), 'utf8');
  expect(text).toMatch(/\| likestream \| 6 \| 1\.50 \| 10 · 20 · 30 \| 100,000 \| 0\.50 \|/);
});

test('earlier sections stay, and pictures are SVGs', () => {
  record(folder, 'growth', GROWTH);
  const text = readFileSync(join(folder, 'report.md'), 'utf8');
  expect(text).toContain('## One core each');
  expect(text).toContain('viewers^**1**');
  expect(text).toContain('(likes/s)^**0**');
  const pictures = [...text.matchAll(/\]\((.*?\.svg)\)/g)].map(([, name]) => name ?? '');
  expect(pictures.length).toBeGreaterThan(5);
  for (const name of pictures) {
    expect(existsSync(join(folder, name))).toBe(true);
    expect(readFileSync(join(folder, name), 'utf8')).toMatch(/^<svg[\s\S]*<\/svg>\s*$/);
  }
});

test('each run adds a line to the history, with the commit and the machine', () => {
  const lines = readHistory(folder);
  expect(lines.map(({ section }) => section)).toEqual(['compared', 'growth']);
  expect(lines[0]?.figures['likestream µs a frame 5000 × 10/s']).toBe(6);
  expect(lines[0]?.commit).toMatch(/^[0-9a-f]{10}\+?$|^unknown$/);
  expect(readResults(folder).growth?.figures.byLikes).toHaveLength(2);
});

test('a server that is not installed is listed with its install command', () => {
  const absent = [{ title: 'nchan', installLine: 'apt-get install it' }];
  expect(reportText({}, [], absent)).toContain('- **nchan**: `apt-get install it`');
});

test('the CPU of other programs is reported', () => {
  const busy = compared('raw', 'raw', 4, 1);
  const noisy = { ...busy, saturated: [windowWith({ elsewhereCores: 0.8 })] };
  const at = { at: '2026-01-01T00:00', commit: 'c' };
  const machine = { cores: 2, processor: 'p', kernel: 'k', memoryGiB: 1, node: 'v' };
  const text = (figures: Compared[]): string =>
    reportText({ compared: { ...at, machine, figures } }, []);
  expect(text([noisy])).toContain('**Other programs used up to 0.8 cores**');
  expect(text([busy])).not.toContain('**Other programs');
});

test('figures have their significant digits, and tables their columns', () => {
  expect([figure(1_234_567), figure(3.14559), figure(0.00123456), figure(undefined)]).toEqual([
    '1,234,567',
    '3.15',
    '0.00123',
    '–',
  ]);
  expect(table(['a', 'b'], [['x', '1']])).toBe('| a | b |\n| --- | --: |\n| x | 1 |');
});
