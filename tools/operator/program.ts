import type { Command } from 'commander';

/** Prints one line for the operator. */
export function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Runs a command; prints its error as one line and ends with exit code 1. */
export function runProgram(name: string, command: Command): void {
  command.parseAsync().catch((error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error);
    process.stderr.write(`${name}: ${reason}\n`);
    process.exitCode = 1;
  });
}
