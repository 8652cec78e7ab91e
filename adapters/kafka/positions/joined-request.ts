/**
 * Joins concurrent calls into one request. One request is in flight at a time, and calls that come
 * in the meantime share the next one: each call needs an answer that is not older than itself.
 */
export class JoinedRequest<Key, Answer> {
  private next: { readonly keys: Set<Key>; readonly answer: Promise<Answer> } | undefined;
  private last: Promise<unknown> = Promise.resolve();

  constructor(private readonly request: (keys: readonly Key[]) => Promise<Answer>) {}

  /** The answer to a request for this key, and perhaps for others. */
  get(key: Key): Promise<Answer> {
    this.next ??= this.begin();
    this.next.keys.add(key);
    return this.next.answer;
  }

  private begin() {
    const keys = new Set<Key>();
    const answer = this.last.then(() => {
      this.next = undefined;
      return this.request([...keys]);
    });
    this.last = answer.catch(() => undefined);
    return { keys, answer };
  }
}
