/** The parts of a stack. */
export const PARTS = ['kafka', 'cassandra', 'redis'] as const;
export type PartName = (typeof PARTS)[number];
