import { join } from 'node:path';
import type { Server } from '../server';
import { diskBytes } from './disk';

/** The bytes that the embedded mode's `DATA_DIR` takes on the disk. */
export function dataBytes({ folder }: Server): number {
  return diskBytes(join(folder, 'data'));
}
