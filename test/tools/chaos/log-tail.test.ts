import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cutLogs } from '../../../tools/chaos/log-tail';

const [OLDER, NEWEST] = ['00000000000000000000.log', '00000000000000000400.log'];
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'likestream-log-tail-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function segment(partition: string, name: string): string {
  const path = join(folder, 'data', partition);
  mkdirSync(path, { recursive: true });
  writeFileSync(join(path, name), Buffer.alloc(1_000));
  return join(path, name);
}

test('the newest segment of each partition of the topic loses its end', () => {
  const cut = [segment('ns.likes-0', NEWEST), segment('ns.likes-11', NEWEST)];
  const kept = [
    segment('ns.likes-0', OLDER),
    segment('ns.likes-0', '00000000000000000400.index'),
    segment('ns.likes-more-0', NEWEST),
    segment('ns.likes.2-0', NEWEST),
    segment('ns.updates.likes-0', NEWEST),
    segment('__consumer_offsets-0', NEWEST),
  ];
  cutLogs(folder, 'ns.likes');
  for (const file of cut) expect(statSync(file).size).toBe(500);
  for (const file of kept) expect(statSync(file).size).toBe(1_000);
});

test('a topic loses everything if the remaining share is 0', () => {
  const cut = segment('__consumer_offsets-3', NEWEST);
  cutLogs(folder, '__consumer_offsets', 0);
  expect(statSync(cut).size).toBe(0);
});
