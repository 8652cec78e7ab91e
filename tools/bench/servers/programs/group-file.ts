import { fdatasync, write } from 'node:fs';

/**
 * Appends texts to a file in groups: texts that come during a write and its sync are the next
 * group. Both calls run in the thread pool, so the event loop serves requests meanwhile.
 */
export class GroupFile {
  private texts: string[] = [];
  private written: (() => void)[] = [];
  private isBusy = false;

  /** `fd` is open for appending. */
  constructor(private readonly fd: number) {}

  /** Calls `written` once the text is on the disk. */
  append(text: string, written: () => void): void {
    this.texts.push(text);
    this.written.push(written);
    if (!this.isBusy) this.next();
  }

  private next(): void {
    const [bytes, written] = [Buffer.from(this.texts.join('')), this.written];
    [this.texts, this.written, this.isBusy] = [[], [], true];
    this.put(bytes, () => {
      fdatasync(this.fd, (error) => {
        if (error) throw error;
        for (const done of written) done();
        this.isBusy = false;
        if (this.texts.length > 0) this.next();
      });
    });
  }

  private put(bytes: Buffer, done: () => void): void {
    write(this.fd, bytes, 0, bytes.length, null, (error, count) => {
      if (error) throw error;
      if (count === bytes.length) done();
      else this.put(bytes.subarray(count), done);
    });
  }
}
