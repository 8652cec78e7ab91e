import { DockerStack, isDockerReady } from './docker-stack';
import { NativeStack } from './native/native-stack';
import { DEFAULT_PORTS, type PublicPorts } from './native/ports';
import { PrintedProgress } from './native/progress';
import { savedPorts } from './native/saved-ports';
import type { Stack } from './native/stack';

/** The options of the command line that select a stack. */
export interface StackChoice {
  readonly folder: string;
  readonly native?: boolean;
  readonly fullSpeed?: boolean;
  readonly ports?: Partial<PublicPorts>;
}

/** Docker if an engine answers, except if the stack already runs as processes; else processes. */
export async function chooseStack(choice: StackChoice): Promise<Stack> {
  const { folder, fullSpeed = false } = choice;
  const progress = new PrintedProgress(process.stdout);
  const { kafka, cassandra, redis } = savedPorts(folder) ?? DEFAULT_PORTS;
  const ports = { kafka, cassandra, redis, ...choice.ports };
  const native = new NativeStack({ folder, ports, fullSpeed, detached: true, progress });
  const isNativeUp = (await native.status()).some(({ running }) => running !== undefined);
  if (choice.native || isNativeUp || !isDockerReady()) return native;
  progress.done('a Docker engine answers: using it');
  return new DockerStack(folder, ports, progress);
}
