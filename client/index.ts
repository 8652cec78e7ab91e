export { connect } from './connect';
export type * from './types';
