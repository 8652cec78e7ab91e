import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { buildNative } from './build';
import { CLIENT_CORE } from './cores';
import type { Crew } from './crew';

/** The load of the attackers. */
export interface AttackLoad {
  /** Connections that send a head byte by byte. */
  readonly slow: number;
  /** Bad requests a second. */
  readonly bad: number;
  /** A second: 64 requests at once on one connection. */
  readonly floods: number;
}

/** What the attackers have done so far. */
export interface Attacks {
  /** Slow connections that are open now. */
  readonly slowOpen: number;
  /** Slow connections that the server has closed. */
  readonly slowClosed: number;
  readonly bad: number;
  readonly floods: number;
  /** User and system time, s. */
  readonly cpu: number;
}

/** All attackers, in one process. */
export class Attackers {
  latest: Attacks = { slowOpen: 0, slowClosed: 0, bad: 0, floods: 0, cpu: 0 };
  private readonly child: ChildProcess;

  constructor(
    private readonly crew: Crew,
    port: number,
    { bad, floods, slow }: AttackLoad,
  ) {
    const args = [port, slow, bad, floods].map(String);
    const command = { file: buildNative('attack'), args };
    const stdio = ['ignore', 'pipe', 'inherit'] as const;
    this.child = crew.start(command, { core: CLIENT_CORE, stdio: [...stdio] });
    const lines = createInterface({ input: this.child.stdout ?? process.stdin });
    lines.on('line', (line) => {
      this.latest = JSON.parse(line) as Attacks;
    });
  }

  end(): Promise<void> {
    return this.crew.end(this.child);
  }
}
