import { ServiceKeys } from '../../runtime/services/service-keys';

/** The keys of all processes that tests start on real servers. */
export const JWT_SECRET = 'a key for members of 32 bytes or more';
export const SERVICE_SECRET = 'a secret of all services';
export const KEYS = new ServiceKeys(SERVICE_SECRET);
