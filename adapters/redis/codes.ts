import type { ServiceKeys } from '../../runtime/services/service-keys';

/** Codes by the secret of the services, which Redis does not know. */
export type Codes = Pick<ServiceKeys, 'sign' | 'isSigned'>;
