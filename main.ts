#!/usr/bin/env node
import cluster from 'node:cluster';
import { type ProcessContext, processContext } from './app/process-context';
import { startProcessTree } from './app/process-tree';
import { type RunningApp, ShutdownStack } from './app/shutdown-stack';
import { startSingleProcess } from './app/single-process';
import { welcome } from './app/welcome';
import { startWorker } from './app/worker';
import { systemClock } from './runtime/clock';
import { openLog } from './runtime/log-lines';
import { readSettings, type Settings, settingsHelp } from './runtime/settings/settings';
import { onSignal } from './runtime/signals';
import { productVersion } from './runtime/version';

/** What this process creates is for its own user alone: stored events, and the cookie's key. */
const PRIVATE_FILES = 0o077;

async function main(): Promise<void> {
  process.umask(PRIVATE_FILES);
  const settings = readSettings(process.env);
  const log = openLog(settings.LOG_LEVEL, roleName(settings));
  const shutdown = new ShutdownStack();
  const context = processContext(settings, log, (error) => endWith(error, shutdown));
  const isStopping = onSignal(systemClock, log, () => shutdown.end());
  try {
    if (cluster.worker) await startAsWorker(context, shutdown);
    else process.stdout.write(welcome(context, await start(context, shutdown), process.env));
  } catch (error) {
    if (isStopping()) return;
    await shutdown.end();
    throw error;
  }
}

function start(context: ProcessContext, shutdown: ShutdownStack): Promise<RunningApp> {
  const { ROLE, WORKERS } = context.settings;
  return ROLE || WORKERS > 0
    ? startProcessTree(context, shutdown)
    : startSingleProcess(context, shutdown);
}

async function startAsWorker(context: ProcessContext, shutdown: ShutdownStack) {
  const { SERVICES_URL: services = '', FORWARDING_URL: forwarding = '', SHARED_PORT } = process.env;
  process.on('disconnect', () => process.exit(1));
  const port = SHARED_PORT ? Number(SHARED_PORT) : undefined;
  await startWorker(context, { services, forwardRest: forwarding, port }, shutdown);
}

function roleName({ ROLE }: Settings): string {
  return cluster.isWorker ? 'worker' : (ROLE?.join() ?? 'embedded');
}

let ending: Promise<void> | undefined;

function endWith(error: Error, shutdown: ShutdownStack): void {
  if (ending) return;
  printError(error);
  ending = shutdown.end().finally(() => process.exit(1));
}

function printError(error: unknown): void {
  process.stderr.write(`likestream: ${error instanceof Error ? error.message : String(error)}\n`);
}

/** What the command line asks for; undefined if it names none of these. */
function answerTo(words: readonly string[]): string | undefined {
  const has = (...names: string[]) => words.some((word) => names.includes(word));
  if (has('--help', '-h', 'help')) return settingsHelp(process.env);
  return has('--version', '-v', 'version') ? productVersion() : undefined;
}

/** Whether the command line has options, known or not; then nothing is started. */
function hasOptions(words: readonly string[]): boolean {
  if (words.length === 0) return false;
  const answer = answerTo(words);
  if (answer !== undefined) {
    process.stdout.write(`${answer}\n`);
    return true;
  }
  printError(new Error(`no such option: ${words.join(' ')}; --help lists all`));
  process.exitCode = 1;
  return true;
}

if (!hasOptions(process.argv.slice(2))) {
  main().catch((error: unknown) => {
    printError(error);
    process.exit(1);
  });
}
