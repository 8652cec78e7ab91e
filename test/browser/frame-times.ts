import type { Page } from 'playwright-core';
import { z } from 'zod';

/** An event of Chromium's trace; times in µs. */
const event = z.object({
  name: z.string(),
  pid: z.number(),
  tid: z.number(),
  ts: z.number().default(0),
  dur: z.number().default(0),
  /** The thread's own time, without that in which other threads ran. */
  tdur: z.number().optional(),
  args: z.looseObject({ name: z.string().optional() }).default({}),
});
const trace = z.object({ traceEvents: z.array(event) });

const CATEGORIES = ['devtools.timeline', 'toplevel', '__metadata'];

/** The main thread's time a frame: its tasks from the begin of one frame to that of the next. */
export interface FrameTimes {
  readonly frames: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly mostMs: number;
  /** The share of the time in which the main thread was busy. */
  readonly busy: number;
}

/** Measures the frames of a page for some time, with its processor slowed down. */
export async function measureFrames(page: Page, ms: number, slowdown: number): Promise<FrameTimes> {
  const browser = page.context().browser();
  if (browser === null) throw new Error('the page has no browser');
  const session = await page.context().newCDPSession(page);
  await session.send('Emulation.setCPUThrottlingRate', { rate: slowdown });
  await page.waitForTimeout(ms / 4);
  await browser.startTracing(page, { categories: CATEGORIES });
  await page.waitForTimeout(ms);
  const buffer = await browser.stopTracing();
  await session.send('Emulation.setCPUThrottlingRate', { rate: 1 });
  await session.detach();
  return framesIn(buffer.toString(), ms);
}

function framesIn(json: string, ms: number): FrameTimes {
  const { traceEvents } = trace.parse(JSON.parse(json));
  const frames = traceEvents.filter(({ name }) => name === 'FireAnimationFrame');
  const main = mainThreadOf(traceEvents, frames);
  const tasks = traceEvents.filter((each) => main(each) && isTask(each.name));
  // One frame may call several functions.
  const starts = tasks
    .filter(({ dur, ts }) => {
      return frames.some((each) => main(each) && each.ts >= ts && each.ts <= ts + dur);
    })
    .map(({ ts }) => ts)
    .sort((a, b) => a - b);
  const times = starts.slice(0, -1).map((start, at) => {
    const end = starts[at + 1] ?? start;
    const inside = tasks.filter(({ ts }) => ts >= start && ts < end);
    return inside.reduce((sum, { dur, tdur = dur }) => sum + tdur, 0) / 1000;
  });
  const sorted = times.toSorted((a, b) => a - b);
  const rank = (share: number) => sorted[Math.floor(sorted.length * share)] ?? 0;
  const all = tasks.reduce((sum, { dur, tdur = dur }) => sum + tdur, 0) / 1000;
  return {
    ...{ frames: sorted.length, p50Ms: rank(0.5), p95Ms: rank(0.95) },
    ...{ mostMs: sorted.at(-1) ?? 0, busy: all / ms },
  };
}

type Event = z.infer<typeof event>;

const isTask = (name: string) => /RunTask$/.test(name);

/** The main thread of the page that has frames; else of any page. */
function mainThreadOf(events: readonly Event[], frames: readonly Event[]) {
  const names = events.filter(({ args, name }) => {
    return name === 'thread_name' && args.name === 'CrRendererMain';
  });
  const found =
    names.find(({ pid, tid }) => frames.some((each) => each.pid === pid && each.tid === tid)) ??
    names[0];
  return ({ pid, tid }: Event) => pid === found?.pid && tid === found?.tid;
}
