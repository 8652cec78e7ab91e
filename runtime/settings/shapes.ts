import { z } from 'zod';

export const port = z.coerce.number().int().min(0).max(65_535);

export const count = z.coerce.number().int().nonnegative();

export const text = z.string().min(1);

export const datacenter = z.string().regex(/^[a-z0-9]+$/);

/** A list with commas. */
export const list = <T extends string>(item: z.ZodType<T>) =>
  z.preprocess(
    (given) => (typeof given === 'string' ? given.split(',').map((part) => part.trim()) : given),
    z.array(item),
  );
