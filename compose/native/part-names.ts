/** What a stack is made of. */
export const PARTS = ['kafka', 'cassandra', 'redis'] as const;
export type PartName = (typeof PARTS)[number];
