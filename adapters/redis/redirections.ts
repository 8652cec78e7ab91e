import { type Cluster, Command } from 'ioredis';

/**
 * Answers of nodes that did not run a command: its slot is at another node, or moves. ioredis sends
 * such a command again by itself, but not one of several in a pipeline. The last two are its own
 * errors, for commands whose slot moved, or has no node, while they waited for a pipeline.
 */
const NOT_RUN = [
  /^(MOVED|ASK|TRYAGAIN|CLUSTERDOWN)\b/,
  /same slots allocation group/,
  /undefined \(reading 'join'\)/,
];

/** Whether no node has run the command, so that it can be sent to another one. */
export function isNotRun(error: unknown): boolean {
  return error instanceof Error && NOT_RUN.some((answer) => answer.test(error.message));
}

/** Sends one command outside of all pipelines, following the nodes' answers. */
export function sendAlone<T>(
  cluster: Cluster,
  name: string,
  args: readonly (string | number)[],
): Promise<T> {
  const command = new Command(name, [...args], { replyEncoding: 'utf8' });
  return cluster.sendCommand(command) as Promise<T>;
}
