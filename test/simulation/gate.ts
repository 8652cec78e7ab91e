/** A server that can be blocked: calls in the meantime run once it is unblocked. */
export class Gate {
  private waiting: (() => void)[] | undefined;

  /** Blocks all calls until `open`. */
  shut(): void {
    this.waiting ??= [];
  }

  open(): void {
    const waiting = this.waiting ?? [];
    this.waiting = undefined;
    for (const go of waiting) go();
  }

  /** Wraps an object whose methods are all asynchronous, so that its calls pass this gate. */
  to<Target extends object>(target: Target): Target {
    return new Proxy(target, {
      get: (of, name) => {
        const member: unknown = Reflect.get(of, name);
        if (typeof member !== 'function') return member;
        return async (...args: unknown[]) => {
          await this.passed();
          return Reflect.apply(member, of, args);
        };
      },
    });
  }

  private async passed(): Promise<void> {
    const { waiting } = this;
    if (waiting) await new Promise<void>((go) => waiting.push(go));
  }
}
