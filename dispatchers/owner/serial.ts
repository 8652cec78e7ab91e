/** Runs tasks one after the other, although earlier ones fail. */
export class Serial {
  private last: Promise<unknown> = Promise.resolve();

  run<Result>(task: () => Promise<Result>): Promise<Result> {
    const result = this.last.then(task, task);
    this.last = result;
    return result;
  }
}
