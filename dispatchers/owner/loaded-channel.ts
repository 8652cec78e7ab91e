import type { Update } from '../../schemas/delivery';
import type { LoggedPolicy } from '../../schemas/policy';
import type { Vector, Versioned } from '../../schemas/state';

/** The states of a channel that an owner has loaded. */
export class LoadedChannel {
  /** Whether `own` is newer than the saved one. */
  isUnsaved = false;
  /** `lookUpUntil` as it was when the channel was loaded. */
  inheritedUntil = 0;
  /** The bytes of its states, if the policy knows them (`HeldChannels`). */
  bytes = 0;
  /** By origin, the version that this owner published last; only of types with deltas. */
  private readonly published = new Map<string, number>();
  private isCurrent = true;

  constructor(
    readonly channel: string,
    private readonly origin: string,
    private states: Vector,
    private ownState: Versioned | undefined = states[origin],
  ) {}

  get own(): Versioned | undefined {
    return this.ownState;
  }

  set own(state: Versioned | undefined) {
    this.ownState = state;
    this.isCurrent = false;
  }

  /** The states of all origins. Made once for all records between two readings. */
  get vector(): Vector {
    if (!this.isCurrent && this.ownState) {
      this.states = { ...this.states, [this.origin]: this.ownState };
    }
    this.isCurrent = true;
    return this.states;
  }

  set vector(states: Vector) {
    this.states = states;
    this.ownState = states[this.origin];
    this.isCurrent = true;
  }

  /** The states of all origins, as the cache has them. */
  cached(policy: Pick<LoggedPolicy, 'cached'>): Vector {
    if (!policy.cached) return this.vector;
    const cached: Record<string, Versioned> = {};
    for (const [origin, state] of Object.entries(this.vector)) {
      cached[origin] = { ...state, state: policy.cached(state.state) };
    }
    return cached;
  }

  /**
   * What is new since the last call, and all states for the cache; `withoutOwn`: new states of
   * other origins only.
   */
  changes(
    policy: Pick<LoggedPolicy, 'cached' | 'delta'>,
    withoutOwn: boolean,
  ): Pick<Update, 'vector' | 'whole'> {
    const { origin: own, published } = this;
    const vector: Record<string, Versioned> = {};
    for (const [origin, state] of Object.entries(this.vector)) {
      const since = published.get(origin);
      if ((withoutOwn && origin === own) || since === state.version) continue;
      vector[origin] = since === undefined ? state : (policy.delta?.(state, since) ?? state);
      published.set(origin, state.version);
    }
    return { vector, whole: this.cached(policy) };
  }

  /** The greatest `lookUpUntil` of its states; 0 if there is none. */
  get lookUpUntil(): number {
    let greatest = 0;
    for (const { lookUpUntil } of Object.values(this.vector)) {
      greatest = Math.max(greatest, lookUpUntil ?? 0);
    }
    return greatest;
  }
}
