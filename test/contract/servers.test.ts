import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { environmentOf } from '../../compose/native/addresses';
import { NativeStack } from '../../compose/native/native-stack';
import { describeServers } from './servers.contract';

const folder = mkdtempSync(join(tmpdir(), 'likestream-real-'));
const stack = new NativeStack({ folder });

describeServers({
  start: () => stack.start(),
  async end() {
    await stack.reset();
    rmSync(folder, { recursive: true, force: true });
  },
  get settings() {
    return environmentOf(stack.addresses);
  },
  get operator() {
    return environmentOf(stack.addresses);
  },
});
