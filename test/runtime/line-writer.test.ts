import fc from 'fast-check';
import '../fixtures/same-runs';
import { type FileWriter, LineWriter, MAX_WAITING_BYTES } from '../../runtime/line-writer';
import { VirtualClock } from '../simulation/virtual-clock';

const FILE = 2;

type Done = Parameters<FileWriter['write']>[2];

/** A file in memory; the test ends each write with an error or a number of bytes. */
class FakeFile implements FileWriter {
  text = '';
  syncError: Error | undefined;
  private pending: { bytes: Buffer; done: Done } | undefined;

  write(_file: number, bytes: Buffer, done: Done): void {
    if (this.pending) throw new Error('two writes at once');
    this.pending = { bytes, done };
  }

  writeSync(_file: number, bytes: Buffer): number {
    if (this.syncError) throw this.syncError;
    this.text += bytes;
    return bytes.length;
  }

  get isWriting(): boolean {
    return this.pending !== undefined;
  }

  end(outcome: string | number = Number.POSITIVE_INFINITY): void {
    const { pending } = this;
    if (!pending) throw new Error('nothing is written');
    this.pending = undefined;
    const { bytes, done } = pending;
    if (typeof outcome === 'string') {
      done(Object.assign(new Error(), { code: outcome }), 0);
      return;
    }
    const written = Math.min(outcome, bytes.length);
    this.text += bytes.subarray(0, written);
    done(null, written);
  }
}

function open() {
  const [clock, file] = [new VirtualClock(), new FakeFile()];
  return { clock, file, lines: new LineWriter(FILE, clock, file) };
}

/** Completes all writes until no line waits. */
async function finish({ clock, file }: ReturnType<typeof open>): Promise<void> {
  for (await clock.advance(1_000); file.isWriting; await clock.advance(1_000)) file.end();
}

/** The number of dropped lines in the last report. */
function reported(text: string): number {
  const counts = [...text.matchAll(/"dropped":(\d+)/g)].map(([, count]) => Number(count));
  return Math.max(0, ...counts);
}

describe('LineWriter', () => {
  const outcomes = fc.oneof(
    fc.nat({ max: 200 }),
    fc.constantFrom('EAGAIN', 'ENOSPC', 'EPIPE', 'EIO'),
  );
  const steps = fc.array(fc.oneof(outcomes, fc.constant('line'), fc.constant('line')));

  it('writes each line whole and in order, or counts it, with any outcomes of writes', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (all) => {
        const on = open();
        let sent = 0;
        for (const step of all) {
          if (step === 'line') on.lines.write(`line ${sent++} ${'x'.repeat(sent % 90)}.\n`);
          else if (on.file.isWriting) on.file.end(step);
          await on.clock.advance(100);
        }
        await finish(on);
        const written = [...on.file.text.matchAll(/^line (\d+) x*\.$/gm)].map(([, at]) =>
          Number(at),
        );
        expect(written).toEqual([...written].sort((one, other) => one - other));
        // A line that lacks only its line end is in the file and also counted as dropped.
        expect(written.length + reported(on.file.text)).toBeGreaterThanOrEqual(sent);
      }),
    );
  });

  it('keeps a bounded number of bytes for a stuck reader, and reports dropped lines', async () => {
    const on = open();
    const line = `${'x'.repeat(999)}\n`;
    for (let at = 0; at < 5_000; at++) on.lines.write(line);
    await finish(on);
    const kept = Math.floor(MAX_WAITING_BYTES / line.length);
    expect(on.file.text.match(/x\n/g)).toHaveLength(kept);
    expect(reported(on.file.text)).toBe(5_000 - kept);
  });

  it('never writes inside the call of `write`', () => {
    const { file, lines } = open();
    lines.write('line\n');
    expect(file).toMatchObject({ isWriting: false, text: '' });
  });

  it('writes the waiting lines at the end of the process', () => {
    const { file, lines } = open();
    lines.write('one\n');
    lines.write('two\n');
    lines.flush();
    expect(file.text).toBe('one\ntwo\n');
  });

  it('loses no line whose write is in flight at the end of the process', async () => {
    const { clock, file, lines } = open();
    lines.write('one\n');
    await clock.advance(1);
    lines.write('two\n');
    lines.flush();
    expect(file.text).toBe('one\ntwo\n');
  });

  it('does not delay the end of the process if the reader is stuck', async () => {
    const { clock, file, lines } = open();
    const sync = jest.spyOn(file, 'writeSync');
    lines.write('one\n');
    await clock.advance(1_000);
    lines.flush();
    expect(sync).not.toHaveBeenCalled();
  });

  it('does not fail at the end of the process if the file cannot be written', () => {
    const { file, lines } = open();
    file.syncError = new Error('EPIPE');
    lines.write('one\n');
    expect(() => lines.flush()).not.toThrow();
  });
});
