import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { buildNative } from './build';
import type { Crew } from './crew';
import type { Counts, Mark, Report, Storm, Totals } from './marks';
import type { Target } from './target';

/** A client without an answer for this time has failed. */
const ANSWER_MS = 60_000;

/** The task of one process of the load client. */
export interface ClientPlan {
  readonly target: Target;
  /** The limit of its viewers; with 0 it only posts. */
  readonly viewers: number;
  /** Viewer i watches video (firstViewer + i) modulo videos. */
  readonly firstViewer?: number;
  readonly videos?: number;
  /** Viewers opened a second. */
  readonly connectRate?: number;
  readonly neverRead?: boolean;
  /** Whether a post is left out if no connection is free when it is due; otherwise it waits. */
  readonly givesUp?: boolean;
  /** Whether viewers keep event ids, to resume after a storm. */
  readonly resume?: boolean;
  readonly core?: number;
}

/** Loopback addresses of viewers; each has at most 28,000 ports. */
const ADDRESSES = 20;
const DEFAULT_CONNECT_RATE = 3_000;

interface Question {
  readonly kind: Report['kind'];
  give(report: Report): void;
  fail(error: Error): void;
}

/** One process of the load client in C; commands are lines on its standard input. */
export class Client {
  /** The counts of the last second. */
  latest: Counts | undefined;
  private readonly child: ChildProcess;
  private readonly waiting = new Set<Question>();
  private ended: Error | undefined;

  constructor(
    private readonly crew: Crew,
    plan: ClientPlan,
  ) {
    const command = { file: buildNative('client'), args: argumentsOf(plan) };
    this.child = crew.start(command, { core: plan.core, stdio: ['pipe', 'pipe', 'inherit'] });
    const lines = createInterface({ input: this.child.stdout ?? process.stdin });
    lines.on('line', (line) => this.onReport(JSON.parse(line) as Report));
    this.child.once('exit', (code) => this.fail(new Error(`the load client ended with ${code}`)));
    this.child.once('error', (error) => this.fail(error));
    this.child.stdin?.on('error', (error) => this.fail(error));
  }

  /** Opens viewers until this number is open. */
  connect(viewers: number): void {
    this.tell(`connect ${viewers}`);
  }

  /** Opens all connections that post, in advance. */
  openPosters(): void {
    this.tell('open');
  }

  /** Posts at this rate a second, evenly; 0: not at all. */
  rate(posts: number): void {
    this.tell(`rate ${posts}`);
  }

  /** Posts so many that the average viewer is this number of likes behind in each video. */
  saturate(underWay: number): void {
    this.tell(`saturate ${underWay}`);
  }

  /** All counts so far, and the latency since the last mark. */
  mark(): Promise<Mark> {
    return this.ask('mark', 'mark') as Promise<Mark>;
  }

  /** The last totals of each video's viewers. */
  totals(): Promise<Totals> {
    return this.ask('totals', 'totals') as Promise<Totals>;
  }

  /** Cuts all viewers, which reconnect at this rate; resolves when all are exact again. */
  storm(connectRate: number, timeoutMs: number): Promise<Storm> {
    return this.ask(`storm ${connectRate}`, 'storm', timeoutMs) as Promise<Storm>;
  }

  end(): Promise<void> {
    return this.crew.end(this.child);
  }

  private tell(line: string): void {
    this.child.stdin?.write(`${line}\n`);
  }

  private ask(line: string, kind: Report['kind'], timeoutMs = ANSWER_MS): Promise<Report> {
    return new Promise((resolve, reject) => {
      if (this.ended) return reject(this.ended);
      const late = new Error(`the load client did not answer "${line}" in ${timeoutMs / 1_000} s`);
      const settle = (then: () => void): void => {
        clearTimeout(timer);
        this.waiting.delete(question);
        then();
      };
      const question: Question = {
        kind,
        give: (report) => settle(() => resolve(report)),
        fail: (error) => settle(() => reject(error)),
      };
      const timer = setTimeout(() => question.fail(late), timeoutMs);
      this.waiting.add(question);
      this.tell(line);
    });
  }

  private onReport(report: Report): void {
    if (report.kind === 'progress') {
      this.latest = report;
      return;
    }
    [...this.waiting].find(({ kind }) => kind === report.kind)?.give(report);
  }

  private fail(error: Error): void {
    this.ended ??= error;
    for (const question of [...this.waiting]) question.fail(error);
  }
}

function argumentsOf(plan: ClientPlan): string[] {
  const { target, viewers, videos = 1, firstViewer = 0, givesUp, neverRead, resume } = plan;
  const { post } = target;
  const options: Record<string, string | number> = {
    port: target.port,
    path: target.path,
    headers: lines(target.headers),
    viewers,
    'first-viewer': firstViewer,
    videos,
    addresses: ADDRESSES,
    'connect-rate': plan.connectRate ?? DEFAULT_CONNECT_RATE,
    'post-port': post.port,
    'post-path': post.path,
    'post-headers': lines(post.headers),
    'post-body': post.body,
    'post-likes': post.likes ?? 1,
    'post-connections': post.connections ?? 1,
    'first-id-ahead-ms': post.ids?.firstAheadMs ?? 0,
    'id-ahead-ms': post.ids?.each?.aheadMs ?? 0,
    'id-ahead-each': post.ids?.each?.nth ?? 0,
  };
  const flags = [
    ...(neverRead ? ['--never-read'] : []),
    ...(resume ? ['--resume'] : []),
    ...(givesUp ? ['--give-up'] : []),
  ];
  return [...Object.entries(options).flatMap(([name, is]) => [`--${name}`, String(is)]), ...flags];
}

function lines(headers: readonly string[] = []): string {
  return headers.map((header) => `${header}\r\n`).join('');
}
