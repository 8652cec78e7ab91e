import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { NATIVE_FOLDER } from './folders';
import type { Progress } from './progress';

const KILOBYTES_PER: Readonly<Record<string, number>> = { B: 0.001, kB: 1, MB: 1_000, GB: 1e6 };
const KILOBYTES_PER_MEGABYTE = 1_000;
const ERROR_LINES = 8;

/** Maven's line for a complete download: `Downloaded from …: … (1.2 MB at 3.4 MB/s)`. */
const DOWNLOADED = /^(?:\[INFO\] )?Downloaded .*\((\d+(?:\.\d+)?) (B|kB|MB|GB)\b/;

/** Fetches the jars of all parts into a folder by Maven, with the user's own Maven settings. */
export async function fetchJars(maven: string, folder: string, progress: Progress): Promise<void> {
  const pom = join(NATIVE_FOLDER, 'pom.xml');
  const flags = ['--batch-mode', '-Dstyle.color=never', '-T', '3', `-Dlikestream.libs=${folder}`];
  const child = spawn(maven, [...flags, '-f', pom, 'generate-resources'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  const errors: string[] = [];
  let kilobytes = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    kilobytes += kilobytesIn(line);
    if (line.startsWith('[ERROR]')) errors.push(line);
    progress.now(`fetching Kafka, Cassandra and Redis by Maven: ${megabytes(kilobytes)}`);
  }
  if ((await ended) !== 0) {
    throw new Error(`Maven could not fetch the jars:\n${errors.slice(0, ERROR_LINES).join('\n')}`);
  }
  progress.done(`fetched Kafka, Cassandra and Redis by Maven: ${megabytes(kilobytes)}`);
}

function kilobytesIn(line: string): number {
  const [, amount, unit = ''] = DOWNLOADED.exec(line) ?? [];
  return Number(amount ?? 0) * (KILOBYTES_PER[unit] ?? 0);
}

function megabytes(kilobytes: number): string {
  return `${(kilobytes / KILOBYTES_PER_MEGABYTE).toFixed(0)} MB`;
}
