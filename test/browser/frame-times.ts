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

/** A display's frame, µs. */
const FRAME_US = 1_000_000 / 60;

/** The main thread's time a frame of a display, whether the page changes in it or not. */
export interface FrameTimes {
  readonly frames: number;
  /** Frames in which the page drew something. */
  readonly drawn: number;
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
  const drawn = traceEvents.filter(({ name }) => name === 'FireAnimationFrame');
  const main = mainThreadOf(traceEvents, drawn);
  const tasks = traceEvents.filter((each) => main(each) && isTask(each.name));
  const sorted = timesOf(tasks).toSorted((a, b) => a - b);
  const rank = (share: number) => sorted[Math.floor(sorted.length * share)] ?? 0;
  const all = sorted.reduce((sum, each) => sum + each, 0);
  return {
    ...{ frames: sorted.length, drawn: drawn.filter(main).length },
    ...{ p50Ms: rank(0.5), p95Ms: rank(0.95), mostMs: sorted.at(-1) ?? 0, busy: all / ms },
  };
}

/** By frame the time of tasks in it, ms: a task is spread evenly over the time that it takes. */
function timesOf(tasks: readonly Event[]): number[] {
  const start = Math.min(...tasks.map(({ ts }) => ts));
  const end = Math.max(...tasks.map(({ dur, ts }) => ts + dur));
  const times = new Array<number>(Math.ceil((end - start) / FRAME_US) || 0).fill(0);
  for (const { dur, tdur = dur, ts } of tasks) {
    if (dur === 0) continue;
    const [from, to] = [(ts - start) / FRAME_US, (ts - start + dur) / FRAME_US];
    for (let frame = Math.floor(from); frame < to; frame++) {
      const share = (Math.min(to, frame + 1) - Math.max(from, frame)) / (to - from);
      times[frame] = (times[frame] ?? 0) + (share * tdur) / 1000;
    }
  }
  return times;
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
