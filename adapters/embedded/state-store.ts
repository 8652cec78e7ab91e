import { asLikestreamError } from '../../schemas/errors';
import type { State } from '../../schemas/state';
import type { StateStore } from '../state-store';
import type { Database, Json } from './database';

/** The saved states in the embedded database: `states/CHANNEL/TYPE/ORIGIN`. */
export class EmbeddedStates implements StateStore {
  constructor(private readonly database: Database) {}

  async load(channels: readonly string[], type?: string): Promise<readonly State[]> {
    const states: State[] = [];
    for (const channel of channels) {
      const prefix = `states/${channel}${type === undefined ? '' : `/${type}`}`;
      // `0` is the character after `/`.
      const range = { from: `${prefix}/`, to: `${prefix}0` };
      for (const { value } of this.database.range(range)) states.push(value as unknown as State);
    }
    return states;
  }

  async save(states: readonly State[]): Promise<void> {
    const changes = states.map((state) => ({
      key: `states/${state.channel}/${state.type}/${state.origin}`,
      // A policy's state is JSON (`Policy.state`).
      value: { ...state } as unknown as Json,
      replaces: (current: unknown) => state.version > (current as State).version,
    }));
    try {
      await this.database.write(changes);
    } catch (error) {
      throw asLikestreamError(error, 'store_unavailable');
    }
  }
}
