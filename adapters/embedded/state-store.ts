import { asLikestreamError } from '../../schemas/errors';
import { isNewer, type OriginState, type State } from '../../schemas/state';
import type { StateStore } from '../state-store';
import type { Database } from './database';

/** The saved states in the embedded database: `states/CHANNEL/ORIGIN`. */
export class EmbeddedStates implements StateStore {
  constructor(private readonly database: Database) {}

  async load(channels: readonly string[]): Promise<readonly State[]> {
    const states: State[] = [];
    for (const channel of channels) {
      const range = { from: `states/${channel}/`, to: `states/${channel}0` };
      for (const { value } of this.database.range(range)) states.push(value as unknown as State);
    }
    return states;
  }

  async save(states: readonly State[]): Promise<void> {
    const changes = states.map((state) => ({
      key: `states/${state.channel}/${state.origin}`,
      value: { ...state },
      replaces: (current: unknown) => isNewer(state, current as OriginState),
    }));
    try {
      await this.database.write(changes);
    } catch (error) {
      throw asLikestreamError(error, 'store_unavailable');
    }
  }
}
