import { PrintedProgress } from '../../compose/native/progress';
import { compare } from './compare';
import { Crew } from './crew';
import { medianOf } from './measure';
import { KINDS } from './servers/all';

async function main(): Promise<void> {
  const crew = new Crew();
  const progress = new PrintedProgress(process.stderr);
  process.once('exit', () => crew.kill());
  for (const s of ['SIGINT', 'SIGTERM'] as const) process.once(s, () => process.exit(130));
  const names = process.argv.slice(2);
  for (const kind of KINDS.filter((k) => names.includes(k.name))) {
    const asked = { steady: [{ viewers: 5000, rate: 10 }, { viewers: 10000, rate: 5 }], saturatedViewers: 5000, memoryViewers: 15000, seconds: 3 };
    const r = await compare(crew, kind, asked, progress).catch((e) => { console.error(String(e)); return undefined; });
    if (!r) continue;
    for (const s of [...r.steady, { viewers: 5000, rate: 0, windows: r.saturated }])
      console.log(r.server, s.viewers, s.rate, 'us/frame', medianOf(s.windows, w => w.cpuUsAFrame).toFixed(2), 'fps', Math.round(medianOf(s.windows, w => w.framesPerSecond)), 'cores', medianOf(s.windows, w => w.cores).toFixed(2), 'client', medianOf(s.windows, w => w.clientCores).toFixed(2), 'p50', medianOf(s.windows, w => w.p50Ms).toFixed(1), 'p99', medianOf(s.windows, w => w.p99Ms).toFixed(1), 'broken', s.windows.map(w => w.broken).join());
    console.log(r.memory);
  }
}
main();
