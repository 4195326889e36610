/** What an order is, to clients and to the repository. */

import { Type, type Static } from '@fastify/type-provider-typebox';
import { v7 as uuidv7, validate as isUuid } from 'uuid';

export const Line = Type.Object(
  {
    sku: Type.String({ pattern: '^[A-Z0-9][A-Z0-9-]{0,31}$', examples: ['TEA-EARL-GREY'] }),
    quantity: Type.Integer({ minimum: 1, maximum: 1000, examples: [2] }),
  },
  { additionalProperties: false, description: 'So many pieces of one article.' },
);

/** What a client sends. */
export const NewOrder = Type.Object(
  {
    reference: Type.String({
      pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$',
      examples: ['2026-0001'],
      description: "The client's own name for the order; unique, so that retries are safe.",
    }),
    lines: Type.Array(Line, { minItems: 1, maxItems: 100 }),
  },
  { additionalProperties: false },
);
export type NewOrder = Static<typeof NewOrder>;

/** What the service keeps. */
export const Order = Type.Object({
  ...NewOrder.properties,
  id: Type.String({ format: 'uuid' }),
  created_at: Type.String({ format: 'date-time' }),
});
export type Order = Static<typeof Order>;

/** Some orders, oldest first, and how to go on. */
export const OrderPage = Type.Object({
  items: Type.Array(Order),
  next_cursor: Type.Optional(Type.String({ description: 'Absent on the last page.' })),
});

/** Give a new order its identity: such ids sort in the order in which they were made. */
export function accept(order: NewOrder): Order {
  return { ...order, id: uuidv7(), created_at: new Date().toISOString() };
}

/** Write a place in the sequence of orders so that clients are not tempted to take it apart. */
export function toCursor(id: string): string {
  return Buffer.from(id).toString('base64url');
}

/** Read what `toCursor` wrote; nothing, if we did not write it. */
export function fromCursor(cursor: string): string | undefined {
  const id = Buffer.from(cursor, 'base64url').toString();
  return isUuid(id) ? id : undefined;
}
