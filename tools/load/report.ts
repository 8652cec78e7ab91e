import type { Verdict } from './exactness';
import type { Quantiles } from './histogram';
import { kept, type Result } from './result';

const LABEL_CHARS = 18;
const BUSY_CORES = 0.85;
const MS_PER_SECOND = 1000;

/** A result as text: a few aligned lines. */
export function reportOf(result: Result): string {
  return [
    '',
    row('viewers', viewers(result)),
    row('posted', posted(result)),
    row('answers', answers(result)),
    row('post latency', latency(result.posted.latency)),
    row('delivered', delivered(result)),
    row('like → viewer', `${latency(result.delivered.latency)}, of the OLDEST like in each frame`),
    ...caughtUp(result),
    ...comments(result),
    ...burst(result),
    row('streams', streams(result)),
    row('new ≠ total', `${whole(result.broken.notAddingUp)} events (total before + new ≠ total)`),
    row('steps back', `${whole(result.broken.stepsBack)} events`),
    ...broken(result),
    row('this tool', tool(result)),
    '',
    verdict(result.verdict),
    ...(result.verdict.exact && !kept(result) ? ['but events broke the protocol, see above'] : []),
    ...result.verdict.offenders.map((offender) => `  ${offender}`),
    '',
  ].join('\n');
}

function row(label: string, text: string): string {
  return label.padEnd(LABEL_CHARS) + text;
}

function whole(count: number): string {
  return Math.round(count).toLocaleString('en');
}

function latency({ p50, p90, p99, max, count }: Quantiles): string {
  if (count === 0) {
    return 'none measured';
  }
  const ms = (value: number): string => value.toFixed(value < 10 ? 1 : 0);
  return `p50 ${ms(p50)} · p90 ${ms(p90)} · p99 ${ms(p99)} · max ${ms(max)} ms`;
}

function viewers({ viewers: { asked, connected, connectMs, toFirstTotal } }: Result): string {
  const each =
    toFirstTotal.count === 0 ? '' : ` (each to its first total: ${latency(toFirstTotal)})`;
  return (
    `${whole(connected)} of ${whole(asked)} connected, ` +
    `all connected after ${(connectMs / 1000).toFixed(2)} s${each}`
  );
}

function posted({ posted: it, video, videos, interrupted }: Result): string {
  const where = videos === 1 ? `video ${video}` : `${whole(videos)} videos ${video}-…`;
  const early = interrupted ? ', ended early' : '';
  return (
    `${whole(it.likes)} likes to ${where} in ${it.seconds.toFixed(1)} s: ` +
    `${it.perSecond.toFixed(1)} likes/s accepted${early}`
  );
}

function answers({ posted: it }: Result): string {
  const parts = Object.entries(it.answers)
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([status, count]) => `${status}: ${whole(count)}`);
  const notes: [number, string][] = [
    [it.doubles, 'sent twice'],
    [it.retries, 'retries'],
    [it.latePosts, 'POSTs late'],
    [it.unsent, 'likes unsent'],
    [it.refused, 'likes refused'],
    [it.unknown, 'likes unknown'],
  ];
  for (const [count, name] of notes) {
    if (count > 0) {
      parts.push(`${whole(count)} ${name}`);
    }
  }
  return parts.join(' · ') || 'none';
}

function delivered({ delivered: it }: Result): string {
  return (
    `${whole(it.likesPerSecond)} likes/s (${whole(it.likes)} in ${it.seconds.toFixed(1)} s), ` +
    `${whole(it.framesPerSecond)} frames/s`
  );
}

function caughtUp({ delivered: it }: Result): string[] {
  const frames = whole(it.caughtUpFrames);
  const text = `without ${frames} frames that have likes from before their connection`;
  return it.caughtUpFrames === 0 ? [] : [row('', text)];
}

function comments({ comments: it }: Result): string[] {
  if (!it) return [];
  const { complete, completeViewers, gaps, offenders } = it;
  return [
    row('comment POST', latency(it.posting)),
    row('comment → viewer', latency(it.latency)),
    row(
      'comments',
      `${whole(it.comments)}, ${whole(gaps)} gaps; each viewer has all, or a gap: ` +
        `${complete ? 'yes' : 'NO'} (${completeViewers} viewers)`,
    ),
    ...offenders.map((offender) => row('', offender)),
  ];
}

function burst({ burst: it }: Result): string[] {
  if (!it) return [];
  const seconds = Math.max(1, it.to - it.from) / MS_PER_SECOND;
  const rate = whole(it.comments / seconds);
  return [
    row('burst', `${whole(it.comments)} comments in ${seconds.toFixed(1)} s: ${rate} a second`),
    row('likes meanwhile', latency(it.likes)),
  ];
}

function streams({ streams: it }: Result): string {
  const errors = Object.entries(it.errors).map(([name, count]) => `${name}: ${whole(count)}`);
  return [
    `${whole(it.reconnects)} reconnects`,
    `${whole(it.cuts)} cut`,
    `${whole(it.byes)} byes`,
    `${whole(it.silences)} silent`,
    `${whole(it.snapshotsAfterResume)} snapshots after a resume`,
    ...errors,
  ].join(' · ');
}

function broken({ broken: { unreadable, examples } }: Result): string[] {
  return [
    ...(unreadable === 0 ? [] : [row('unreadable', `${whole(unreadable)} events`)]),
    ...examples.map((example) => row('', example)),
  ];
}

function tool({ cores }: Result): string {
  const busy = cores > BUSY_CORES ? ' – too busy: part of the latencies is its own' : '';
  return `used ${(cores * 100).toFixed(0)} % of a core while posting${busy}`;
}

function verdict({ exact, exactViewers, viewers: all, total, settledMs }: Verdict): string {
  return (
    `every viewer's total exact: ${exact ? 'yes' : 'NO'} ` +
    `(${exactViewers}/${all}, total ${total}; ${settledMs} ms after the last answer)`
  );
}
