import type { Progress } from '../../../compose/native/progress';
import { KINDS } from './all';

/** Installs or builds the servers that likestream is compared with. */
export function installPeers(progress: Progress): void {
  for (const kind of KINDS) {
    try {
      if (!kind.isThere()) kind.install();
      progress.done(`${kind.title} is there`);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      progress.done(`NOT THERE: ${kind.title}: ${kind.installLine}: ${why}`);
    }
  }
}
