import type { EventLog } from '../../adapters/event-log';
import type { History } from '../../adapters/history';
import type { RowStore } from '../../adapters/row-store';
import type { StateCache } from '../../adapters/state-cache';
import type { StateStore } from '../../adapters/state-store';
import { Acceptance } from '../../producers/acceptance';
import { Admission } from '../../producers/admission';
import { AppendSequence } from '../../producers/append-sequence';
import { Deletions } from '../../producers/deletions';
import { HistoryPages } from '../../producers/history-pages';
import { NewestStates } from '../../producers/newest-states';
import { RecentIds } from '../../producers/recent-ids';
import type { Clock } from '../../runtime/clock';
import type { Entropy } from '../../runtime/entropy';
import type { DedupeWindow } from '../../schemas/dedupe-window';
import type { LoggedType } from '../../schemas/event-type';
import type { EventTypes } from '../../schemas/event-types';

export interface ProducerPartsOptions {
  readonly types: EventTypes;
  /** The origin of the logs, `dc1.1`. */
  readonly origin: string;
  readonly log: EventLog;
  readonly storeOf: (type: LoggedType) => RowStore;
  readonly historyOf: (type: LoggedType) => History;
  readonly cache: StateCache;
  readonly saved: StateStore;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly dedupe: DedupeWindow;
  readonly broken: BrokenPages;
}

/** Builds pages of a history. */
export type Pages = Pick<HistoryPages, 'load'>;

/** Parts of pages that lack one mechanism. */
export interface BrokenPages {
  /** The history as producers read it. */
  readonly pageHistory?: (whole: History) => History;
  /** The pages of a history, and the rows that they read. */
  readonly pages?: (whole: Pages, rows: Pick<RowStore, 'find'>) => Pages;
}

/** The parts of a producer that answer requests, without HTTP, as `app/producer-role.ts` has. */
export interface ProducerParts {
  /** By event type. */
  readonly acceptances: ReadonlyMap<string, Pick<Acceptance, 'accept'>>;
  /** The newest states that the producer knows. */
  readonly states: NewestStates;
  /** Deletes entries of the type with a history. */
  readonly deletions: Deletions;
  /** Pages of the type with a history. */
  readonly pages: Pages;
}

export function buildProducerParts(options: ProducerPartsOptions): ProducerParts {
  const { cache, clock, dedupe, entropy, log, origin, saved, storeOf, types } = options;
  const states = new NewestStates({ cache, states: saved, types, clock });
  const acceptances = types.logged.map((type) => {
    const acceptance = new Acceptance({
      ...{ type, origin, log, clock, entropy, dedupe },
      store: storeOf(type),
      sequence: new AppendSequence(entropy),
      recent: new RecentIds(),
    });
    const admission = new Admission({ type, origin, acceptance, states, clock });
    return [type.name, type.policy.admit ? admission : acceptance] as const;
  });
  const type = types.logged.find(({ hasHistory }) => hasHistory);
  if (!type) throw new Error('no event type has a history');
  const store = storeOf(type);
  const { pageHistory = (whole) => whole, pages = (whole) => whole } = options.broken;
  const history = pageHistory(options.historyOf(type));
  return {
    acceptances: new Map(acceptances),
    states,
    deletions: new Deletions({ type, log, store, states, clock }),
    pages: pages(new HistoryPages({ type, store, history }), store),
  };
}
