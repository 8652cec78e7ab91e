import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chooseDoor } from '../../../compose/app/door';
import { freePorts } from '../../../compose/native/ports';
import type { Crew } from '../crew';
import { portOpens } from '../server';

/** A running nginx, with the configuration of the stack's door. */
export interface RunningProxy {
  readonly port: number;
  end(): Promise<void>;
}

/** Starts nginx in front of producers and frontends; rejects if it is not installed. */
export async function startProxy(
  crew: Crew,
  producers: readonly number[],
  frontends: readonly number[],
): Promise<RunningProxy> {
  const folder = mkdtempSync(join(tmpdir(), 'likestream-bench-proxy-'));
  const [doorPort = 0] = await freePorts(1, [...producers, ...frontends]);
  const members = [
    ...producers.map((port) => ({ name: '', role: 'producer' as const, port, adminPort: 0 })),
    ...frontends.map((port) => ({ name: '', role: 'frontend' as const, port, adminPort: 0 })),
  ];
  const plan = { doorPort, jwtSecret: '', serviceSecret: '', members };
  const command = chooseDoor('any', folder, plan);
  if (command.file !== 'nginx') throw new Error('nginx is missing: apt-get install nginx-light');
  const child = crew.start(command, { folder, log: join(folder, 'output.log') });
  const end = async (): Promise<void> => {
    await crew.end(child);
    rmSync(folder, { recursive: true, force: true });
  };
  if (await portOpens(doorPort)) return { port: doorPort, end };
  await end();
  throw new Error('nginx did not start');
}
