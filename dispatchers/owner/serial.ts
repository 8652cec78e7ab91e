/** Runs tasks one after the other, whether the ones before fail or not. */
export class Serial {
  private last: Promise<unknown> = Promise.resolve();

  run<Result>(task: () => Promise<Result>): Promise<Result> {
    const result = this.last.then(task, task);
    this.last = result;
    return result;
  }
}
