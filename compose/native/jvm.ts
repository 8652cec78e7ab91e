import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Command, Training } from './command';
import { classPath } from './install';
import type { LaunchContext } from './server-part';

const KEY_LENGTH = 16;

/** Where a Java server runs, and with what. */
type JavaPlace = Pick<LaunchContext, 'folder' | 'install' | 'fullSpeed'>;

/** A Java server to run. */
export interface Server {
  readonly part: string;
  readonly main: string;
  readonly flags: readonly string[];
  readonly args: readonly string[];
}

/** Its command line; the first run that ends cleanly leaves an archive of its loaded classes. */
export function javaCommand(place: JavaPlace, server: Server): Command {
  const { java } = place.install;
  const kept = archiveOf(place, server);
  const isTrained = existsSync(kept);
  const written = join(place.folder, 'classes.jsa');
  const args = [
    isTrained ? `-XX:SharedArchiveFile=${kept}` : `-XX:ArchiveClassesAtExit=${written}`,
    ...(place.fullSpeed ? [] : ['-XX:TieredStopAtLevel=1']),
    '-XX:+UseSerialGC',
    '-XX:-UsePerfData',
    '-XX:+ExitOnOutOfMemoryError',
    '-Djava.awt.headless=true',
    ...server.flags,
    ...['-cp', classPath(place.install, server.part), server.main],
    ...server.args,
  ];
  return { file: java.file, args, ...(isTrained ? {} : { training: { written, kept } }) };
}

/** Hands the archive of a run that has ended cleanly to all later ones. */
export function keepArchive({ written, kept }: Training): void {
  if (!existsSync(written)) return;
  const copy = `${kept}.${process.pid}`;
  mkdirSync(dirname(kept), { recursive: true });
  copyFileSync(written, copy);
  renameSync(copy, kept);
  rmSync(written);
}

/** One archive for each way that the class path, the Java and its flags can be. */
function archiveOf(place: JavaPlace, server: Server): string {
  const { java, folder } = place.install;
  const flags = server.flags.filter((flag) => !/^-(D|Xm)/.test(flag));
  const key = createHash('sha256').update(JSON.stringify([java.version, server.main, flags]));
  const name = `${server.part}-${key.digest('hex').slice(0, KEY_LENGTH)}.jsa`;
  return join(folder, 'archives', name);
}
