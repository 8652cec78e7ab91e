import type { LogConsumer } from '../../adapters/log-source';

/** An owner that accepts all records, and does nothing with them. */
export const IDLE_OWNER: LogConsumer = {
  assigned: () => {},
  records: async () => {},
  applyPeerUpdates: async () => {},
  isCancelPending: () => false,
  revoked: async () => {},
};
