import { DockerStack, dockerAnswers } from './docker-stack';
import { NativeStack } from './native/native-stack';
import { DEFAULT_PORTS, type PublicPorts } from './native/ports';
import { PrintedProgress } from './native/progress';
import { savedPorts } from './native/saved-ports';
import type { Stack } from './native/stack';

/** What the command line says about the stack to use. */
export interface StackChoice {
  readonly folder: string;
  readonly native?: boolean;
  readonly fullSpeed?: boolean;
  readonly ports?: Partial<PublicPorts>;
}

/** By Docker where an engine answers; as plain processes elsewhere, and where those run already. */
export async function chooseStack(choice: StackChoice): Promise<Stack> {
  const { folder, fullSpeed = false } = choice;
  const progress = new PrintedProgress(process.stdout);
  const { kafka, cassandra, redis } = savedPorts(folder) ?? DEFAULT_PORTS;
  const ports = { kafka, cassandra, redis, ...choice.ports };
  const native = new NativeStack({ folder, ports, fullSpeed, detached: true, progress });
  const isNativeUp = (await native.status()).some(({ running }) => running !== undefined);
  if (choice.native || isNativeUp || !dockerAnswers()) return native;
  progress.done('a Docker engine answers: using it');
  return new DockerStack(folder, ports, progress);
}
