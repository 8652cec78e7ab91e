/** A server that can stand still: what is asked of it meanwhile is done once it goes on. */
export class Gate {
  private waiting: (() => void)[] | undefined;

  /** Stands still until `open`. */
  shut(): void {
    this.waiting ??= [];
  }

  open(): void {
    const waiting = this.waiting ?? [];
    this.waiting = undefined;
    for (const go of waiting) go();
  }

  /** The same object behind this gate; all of its methods are asynchronous. */
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
