import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Command, Training } from './command';
import { classPath } from './install';
import type { LaunchContext } from './server-part';

const KEY_LENGTH = 16;

/** The folder and the programs of a Java server. */
type JavaContext = Pick<LaunchContext, 'folder' | 'install' | 'fullSpeed'>;

/** A Java server to run. */
export interface Server {
  readonly part: string;
  readonly main: string;
  readonly flags: readonly string[];
  readonly args: readonly string[];
}

/** The command of a Java server; its first clean run writes an archive of the loaded classes. */
export function javaCommand(context: JavaContext, server: Server): Command {
  const { java } = context.install;
  const kept = archiveOf(context, server);
  const isTrained = existsSync(kept);
  const written = join(context.folder, 'classes.jsa');
  const args = [
    isTrained ? `-XX:SharedArchiveFile=${kept}` : `-XX:ArchiveClassesAtExit=${written}`,
    ...(context.fullSpeed ? [] : ['-XX:TieredStopAtLevel=1']),
    '-XX:+UseSerialGC',
    '-XX:-UsePerfData',
    '-XX:+ExitOnOutOfMemoryError',
    '-Djava.awt.headless=true',
    ...server.flags,
    ...['-cp', classPath(context.install, server.part), server.main],
    ...server.args,
  ];
  return { file: java.file, args, ...(isTrained ? {} : { training: { written, kept } }) };
}

/** Moves the archive of a run that has ended cleanly to the cache, for later runs. */
export function keepArchive({ written, kept }: Training): void {
  if (!existsSync(written)) return;
  const copy = `${kept}.${process.pid}`;
  mkdirSync(dirname(kept), { recursive: true });
  copyFileSync(written, copy);
  renameSync(copy, kept);
  rmSync(written);
}

/** The archive's path: one for each combination of class path, Java version and flags. */
function archiveOf(context: JavaContext, server: Server): string {
  const { java, folder } = context.install;
  const flags = server.flags.filter((flag) => !/^-(D|Xm)/.test(flag));
  const key = createHash('sha256').update(JSON.stringify([java.version, server.main, flags]));
  const name = `${server.part}-${key.digest('hex').slice(0, KEY_LENGTH)}.jsa`;
  return join(folder, 'archives', name);
}
