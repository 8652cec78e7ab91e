import type { Client, types } from 'cassandra-driver';
import { asLikestreamError } from '../schemas/errors';
import { originState, type State } from '../schemas/state';
import type { StateStore } from './states';

const SAVE = 'INSERT INTO states (channel, origin, state) VALUES (?, ?, ?) USING TIMESTAMP ?';
const LOAD = 'SELECT origin, state FROM states WHERE channel = ?';

const OPTIONS = { prepare: true, isIdempotent: true };

/** The saved states in Cassandra: one cell each, its version the write timestamp. */
export class CassandraStates implements StateStore {
  constructor(private readonly client: Client) {}

  async load(channels: readonly string[]): Promise<readonly State[]> {
    try {
      const found = await Promise.all(channels.map((channel) => this.loadOne(channel)));
      return found.flat();
    } catch (error) {
      throw asLikestreamError(error, 'store_unavailable');
    }
  }

  async save(states: readonly State[]): Promise<void> {
    try {
      await Promise.all(states.map((state) => this.saveOne(state)));
    } catch (error) {
      throw asLikestreamError(error, 'store_unavailable');
    }
  }

  private async loadOne(channel: string): Promise<State[]> {
    const { rows } = await this.client.execute(LOAD, [channel], OPTIONS);
    return rows.map((row) => {
      const state = originState.parse(JSON.parse(String(row.get('state'))));
      return { channel, origin: String(row.get('origin')), ...state };
    });
  }

  private saveOne({ channel, origin, ...state }: State): Promise<types.ResultSet> {
    // A write timestamp of 0 would stand for none at all.
    const timestamp = state.version + 1;
    const cell = [channel, origin, JSON.stringify(state), timestamp];
    return this.client.execute(SAVE, cell, OPTIONS);
  }
}
