import { asLikestreamError } from '../../schemas/errors';
import type { EventTypes } from '../../schemas/event-types';
import { type State, versioned } from '../../schemas/state';
import type { StateStore } from '../state-store';
import type { CassandraSession, Values } from './session';

/**
 * The write timestamp (µs) of version 0 of a state. Version n is written at this plus n, so the
 * newest version wins in any order of saves. These timestamps lie in the future, so a plain DELETE,
 * which carries the current time, deletes nothing and never hides a later save. An operator deletes
 * a state by
 *
 *     SELECT WRITETIME(state) FROM states WHERE channel = '…' AND type = '…' AND origin = '…'
 *     DELETE FROM states USING TIMESTAMP <that>
 *       WHERE channel = '…' AND type = '…' AND origin = '…'
 *
 * Later versions have later timestamps, so later saves are visible again.
 */
export const FIRST_VERSION_TIMESTAMP_US = 2 ** 52;

const SAVE =
  'INSERT INTO states (channel, type, origin, state) VALUES (?, ?, ?, ?) USING TIMESTAMP ?';
const LOAD = 'SELECT channel, type, origin, state FROM states WHERE channel = ?';
const LOAD_TYPE = `${LOAD} AND type = ?`;

/** The saved states in Cassandra: one cell each, with its version in the write timestamp. */
export class CassandraStates implements StateStore {
  constructor(
    private readonly session: CassandraSession,
    private readonly types: EventTypes,
  ) {}

  async load(channels: readonly string[], type?: string): Promise<readonly State[]> {
    const rows = await this.session.executeAll(
      type === undefined ? LOAD : LOAD_TYPE,
      channels.map((channel) => (type === undefined ? [channel] : [channel, type])),
    );
    const used = type === undefined ? rows.filter((row) => !this.isLeased(row)) : rows;
    try {
      return used.map((row) => toState(this.types, row));
    } catch (error) {
      throw asLikestreamError(error, 'store_unavailable');
    }
  }

  async save(states: readonly State[]): Promise<void> {
    await this.session.executeAll(SAVE, states.map(valuesOf));
  }

  /** Joins use no saved state of a leased type; it may be large, and must not make others fail. */
  private isLeased(row: { get(name: string): unknown }): boolean {
    return this.types.get(String(row.get('type')))?.source === 'streams';
  }
}

function valuesOf({ channel, origin, type, ...state }: State): Values {
  const timestamp = FIRST_VERSION_TIMESTAMP_US + state.version;
  return [channel, type, origin, JSON.stringify(state), timestamp];
}

/** A row of the table as a state; throws if the state has not the shape of its type. */
export function toState(types: EventTypes, row: { get(name: string): unknown }): State {
  const text = (name: string): string => String(row.get(name));
  const [channel, type, origin] = [text('channel'), text('type'), text('origin')];
  const given = versioned.parse(JSON.parse(text('state')));
  const parsed = types.parseVector(type, { [origin]: given })[origin] ?? given;
  return { channel, type, origin, ...parsed };
}
