import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** Kafka's brokers need at least this version. */
const MIN_JAVA = 17;
/** From this version on Java has no security manager, and Cassandra 5 needs one. */
const TOO_NEW_JAVA = 24;

const ADVICE = 'apt-get install default-jre-headless maven';

/** The Java installation that runs the servers. */
export interface Java {
  readonly file: string;
  /** The whole version line: a class archive is valid only for this version. */
  readonly version: string;
  readonly major: number;
}

/** Finds Java by JAVA_HOME or on the path; throws with the packages to install. */
export function findJava(): Java {
  const { JAVA_HOME: home } = process.env;
  const inHome = home ? join(home, 'bin', 'java') : '';
  const file = inHome && existsSync(inHome) ? inHome : 'java';
  const version = versionOf(file, '-version');
  if (version === undefined) throw new Error(`Java is missing: ${ADVICE}`);
  const major = Number(/version "(\d+)/.exec(version)?.[1] ?? 0);
  if (major < MIN_JAVA || major >= TOO_NEW_JAVA) {
    const wanted = `Java ${MIN_JAVA} or later, before ${TOO_NEW_JAVA}, is needed`;
    throw new Error(`${wanted}, not ${version.split('\n')[0]}: set JAVA_HOME, or ${ADVICE}`);
  }
  return { file, version, major };
}

/** Finds Maven on the path; throws with the packages to install. */
export function findMaven(): string {
  if (versionOf('mvn', '--version') === undefined) throw new Error(`Maven is missing: ${ADVICE}`);
  return 'mvn';
}

function versionOf(file: string, flag: string): string | undefined {
  const { status, stdout, stderr } = spawnSync(file, [flag], { encoding: 'utf8' });
  return status === 0 ? `${stderr}${stdout}`.trim() : undefined;
}
