import fc from 'fast-check';
import '../../fixtures/same-runs';
import { LINGER_MS } from '../../../frontends/lingering';
import { REPORT_GAP_MS } from '../../../frontends/memberships';
import { RENEW_MS } from '../../../schemas/delivery';
import { estimate } from '../../../schemas/hyperloglog';
import { presence } from '../../../schemas/presence';
import { viewers } from '../../../schemas/viewers';
import { type Fault, ReportDirectory, ReportingWorker } from './reporting';

const MEMBERS = ['ann', 'ben', 'cleo', 'dan'];
const VIDEOS = ['video:1', 'video:2', 'video:3'];
const REST_MS = presence.graceMs + LINGER_MS + 4 * RENEW_MS;

const steps = fc.array(
  fc.record({
    does: fc.constantFrom('open', 'open', 'open', 'close', 'close', 'lose', 'heal', 'forget'),
    worker: fc.nat({ max: 1 }),
    member: fc.constantFrom(...MEMBERS),
    channel: fc.constantFrom(...VIDEOS, 'member:ann'),
    fault: fc.constantFrom<Fault>('request', 'answer', 'delivery', 'late'),
    ms: fc.constantFrom(0, 5, 300, 800, 1_500, LINGER_MS, 31_000),
  }),
  { maxLength: 50 },
);

interface Stream {
  readonly worker: ReportingWorker;
  readonly channel: string;
  readonly member: string;
}

/** The number of streams with these properties. */
function count(streams: readonly Stream[], of: Partial<Stream>): number {
  return streams.filter((stream) =>
    Object.entries(of).every(([name, value]) =>
      Object.entries(stream).some(([own, actual]) => own === name && actual === value),
    ),
  ).length;
}

function open(stream: Stream): void {
  stream.worker.meters.memberOpened(stream.member);
  stream.worker.join(stream.channel, stream.member);
}

function close({ channel, member, worker }: Stream, rest: readonly Stream[]): void {
  worker.leave(channel, count(rest, { worker, channel }) === 0);
  worker.meters.memberClosed(member);
}

describe('workers and the directory', () => {
  it('agree at rest on the streams, after any opens, closes and losses', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (all) => {
        const ground = new ReportDirectory();
        const { clock, contributions, directory } = ground;
        const workers = ['w1', 'w2'].map((id) => new ReportingWorker(id, ground));
        for (const { memberships } of workers) await memberships.start();
        let streams: Stream[] = [];
        for (const { does, worker: at, channel, fault, member, ms } of all) {
          const worker = workers[at];
          if (!worker) continue;
          if (does === 'open') {
            const stream = { worker, channel, member };
            streams.push(stream);
            open(stream);
          } else if (does === 'close') {
            const closing = streams.find((one) => one.worker === worker);
            streams = streams.filter((one) => one !== closing);
            if (closing) close(closing, streams);
          } else if (does === 'lose') worker.faults.add(fault);
          else if (does === 'heal') worker.faults.clear();
          else {
            const number = Number.MAX_SAFE_INTEGER;
            const lost = [
              { channel, type: viewers.name, number, seen: 0 },
              { channel: `member:${member}`, type: presence.name, number, seen: 0 },
            ];
            await contributions.report(worker.id, 1e9, lost);
          }
          await clock.advance(ms);
        }
        for (const { faults } of workers) faults.clear();
        await clock.advance(REST_MS);
        for (const worker of workers) {
          expect(worker.digest).toEqual(await directory.digest(worker.id));
        }
        for (const video of VIDEOS) {
          const watching = count(streams, { channel: video });
          const state = ground.stateOf(video, viewers.name) ?? { count: 0 };
          expect(state).toMatchObject({ count: watching });
          for (const { channels } of workers) {
            const held = channels.get(video)?.feeds.viewers?.['dc1.0'];
            if (held) expect(held.state).toMatchObject({ count: watching });
          }
        }
        for (const member of MEMBERS) {
          const state = ground.stateOf(`member:${member}`, presence.name);
          const isOnline = count(streams, { member }) > 0;
          expect(state ?? { online: false }).toMatchObject({ online: isOnline });
        }
        for (const { memberships, meters } of workers) {
          memberships.close();
          meters.close();
        }
      }),
      { numRuns: 60 },
    );
  }, 60_000);
});

describe('a worker', () => {
  it('joins a channel and reports in one request, so that the answer has the state', async () => {
    const ground = new ReportDirectory();
    const worker = new ReportingWorker('w1', ground);
    await worker.memberships.start();
    worker.join('video:1', 'ann');
    await ground.clock.advance(100);
    expect(ground.changes).toHaveLength(1);
    expect(ground.changes[0]).toMatchObject({ join: ['video:1'] });
    expect(ground.changes[0]?.reports.map(({ type }) => type).sort()).toEqual([
      'viewers',
      'visitors',
    ]);
    expect(worker.channels.get('video:1')?.feeds.viewers?.['dc1.0']?.state).toMatchObject({
      count: 1,
    });
    worker.memberships.close();
  });

  it('reports a member without streams that is watched, so that there is a state', async () => {
    const ground = new ReportDirectory();
    const worker = new ReportingWorker('w1', ground);
    await worker.memberships.start();
    worker.join('member:zoe', 'ann');
    await ground.clock.advance(100);
    const feeds = worker.channels.get('member:zoe')?.feeds;
    expect(feeds?.presence?.['dc1.0']?.state).toEqual({ online: false });
    worker.memberships.close();
  });

  it('counts all visitors, whenever and wherever they came', async () => {
    const ground = new ReportDirectory();
    const workers = ['w1', 'w2'].map((id) => new ReportingWorker(id, ground));
    for (const { memberships } of workers) await memberships.start();
    for (let at = 0; at < 40; at++) {
      const worker = workers[at % 2];
      worker?.join('video:1', `member-${at % 20}`);
      await ground.clock.advance(300);
      worker?.leave('video:1', true);
      if (at % 5 === 0) await ground.clock.advance(2 * LINGER_MS);
    }
    await ground.clock.advance(2 * LINGER_MS);
    expect(estimate(String(ground.stateOf('video:1', 'visitors')))).toBe(20);
    for (const { memberships } of workers) memberships.close();
  });
});

describe('a worker with very many changes', () => {
  it('sends few requests, and no report twice in its time', async () => {
    const ground = new ReportDirectory();
    const worker = new ReportingWorker('w1', ground);
    await worker.memberships.start();
    const videos = Array.from({ length: 300 }, (_, at) => `video:${at}`);
    for (const video of videos) worker.join(video, 'ann');
    await ground.clock.advance(5_000);
    ground.changes.length = 0;
    for (let at = 0; at < 300; at++) {
      for (const video of videos.slice(at % 10, 30)) worker.join(video, `member-${at}`);
      await ground.clock.advance(10);
    }
    const reports = ground.changes.flatMap((change) => change.reports);
    const ofOne = reports.filter(
      ({ channel, type }) => channel === 'video:9' && type === 'viewers',
    );
    expect(ofOne.length).toBeLessThanOrEqual(3_000 / viewers.reportEveryMs + 1);
    expect(ground.changes.length).toBeLessThanOrEqual(3_000 / REPORT_GAP_MS + 1);
    worker.memberships.close();
  });
});

describe('a worker that drains', () => {
  it('withdraws its viewers, and leaves members to their grace', async () => {
    const ground = new ReportDirectory();
    const worker = new ReportingWorker('w1', ground);
    await worker.memberships.start();
    const streams = ['ann', 'ben'].map((member) => ({ worker, channel: 'video:1', member }));
    for (const stream of streams) open(stream);
    await ground.clock.advance(5_000);
    close(streams[0] as Stream, streams.slice(1));
    close(streams[1] as Stream, []);
    worker.meters.reportAll();
    worker.meters.close();
    const finished = worker.memberships.finish();
    await ground.clock.advance(100);
    await finished;
    expect(ground.stateOf('video:1', 'viewers')).toMatchObject({ count: 0 });
    expect(ground.stateOf('member:ann', 'presence')).toMatchObject({ online: true });
    const sent = ground.changes.length;
    await ground.clock.advance(60_000);
    expect(ground.changes).toHaveLength(sent);
  });

  it('stops within its time if no dispatcher answers', async () => {
    const ground = new ReportDirectory();
    const worker = new ReportingWorker('w1', ground);
    await worker.memberships.start();
    worker.join('video:1', 'ann');
    worker.faults.add('request');
    await ground.clock.advance(100);
    worker.leave('video:1', true);
    let isDone = false;
    void worker.memberships.finish().then(() => {
      isDone = true;
    });
    await ground.clock.advance(2_000);
    expect(isDone).toBe(true);
  });
});
