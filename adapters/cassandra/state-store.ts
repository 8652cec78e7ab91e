import { asLikestreamError } from '../../schemas/errors';
import { originState, type State } from '../../schemas/state';
import type { StateStore } from '../state-store';
import type { CassandraSession, Values } from './session';

/**
 * The write timestamp (µs) of version 0 of a state. Version n is written at this plus n, so the
 * newest version wins in any order of saves. These timestamps lie in the future, so a plain DELETE,
 * which carries the current time, deletes nothing and never hides a later save. An operator deletes
 * a state by
 *
 *     SELECT WRITETIME(state) FROM states WHERE channel = 'video:…' AND origin = 'dc1.1'
 *     DELETE FROM states USING TIMESTAMP <that> WHERE channel = 'video:…' AND origin = 'dc1.1'
 *
 * Later versions have later timestamps, so later saves are visible again.
 */
export const FIRST_VERSION_TIMESTAMP_US = 2 ** 52;

const SAVE = 'INSERT INTO states (channel, origin, state) VALUES (?, ?, ?) USING TIMESTAMP ?';
const LOAD = 'SELECT origin, state, channel FROM states WHERE channel = ?';

/** The saved states in Cassandra: one cell each, with its version in the write timestamp. */
export class CassandraStates implements StateStore {
  constructor(private readonly session: CassandraSession) {}

  async load(channels: readonly string[]): Promise<readonly State[]> {
    const rows = await this.session.executeAll(
      LOAD,
      channels.map((channel) => [channel]),
    );
    try {
      return rows.map(toState);
    } catch (error) {
      throw asLikestreamError(error, 'store_unavailable');
    }
  }

  async save(states: readonly State[]): Promise<void> {
    await this.session.executeAll(SAVE, states.map(valuesOf));
  }
}

function valuesOf({ channel, origin, ...state }: State): Values {
  return [channel, origin, JSON.stringify(state), FIRST_VERSION_TIMESTAMP_US + state.version];
}

/** A row of the table as a state. */
export function toState(row: { get(name: string): unknown }): State {
  const state = originState.parse(JSON.parse(String(row.get('state'))));
  return { channel: String(row.get('channel')), origin: String(row.get('origin')), ...state };
}
