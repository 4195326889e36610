/** Orders over HTTP. */

import { Type, type FastifyPluginCallbackTypebox } from '@fastify/type-provider-typebox';
import { ProblemError, problemResponses } from '../problems.ts';
import { accept, fromCursor, NewOrder, Order, OrderPage, toCursor } from './models.ts';
import { ReferenceTakenError, type OrderRepository } from './repository.ts';

const OrderPath = Type.Object({ order_id: Type.String({ format: 'uuid' }) });
const PageQuery = Type.Object({
  limit: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 100, default: 20, description: 'Orders per page.' }),
  ),
  cursor: Type.Optional(Type.String({ maxLength: 256, description: 'From `next_cursor`.' })),
});

export const orderRoutes: FastifyPluginCallbackTypebox<{ orders: OrderRepository }> = (
  app,
  { orders },
  done,
) => {
  app.post(
    '',
    {
      schema: {
        tags: ['orders'],
        operationId: 'create_order',
        summary: 'Place an order.',
        body: NewOrder,
        response: { 201: Order, ...problemResponses(400, 409, 413, 415, 422, 500) },
      },
    },
    async (request, reply) => {
      const order = accept(request.body);
      try {
        await orders.add(order);
      } catch (error) {
        if (!(error instanceof ReferenceTakenError)) throw error;
        throw new ProblemError(409, `There is an order with the reference ${order.reference}.`);
      }
      return reply.code(201).header('location', `${app.prefix}/${order.id}`).send(order);
    },
  );

  app.get(
    '',
    {
      schema: {
        tags: ['orders'],
        operationId: 'list_orders',
        summary: 'List orders, oldest first.',
        querystring: PageQuery,
        response: { 200: OrderPage, ...problemResponses(422, 500) },
      },
    },
    async ({ query: { limit = 20, cursor } }) => {
      const found = await orders.list(limit + 1, cursor === undefined ? cursor : read(cursor));
      const items = found.slice(0, limit);
      const last = items.at(-1);
      return found.length > limit && last ? { items, next_cursor: toCursor(last.id) } : { items };
    },
  );

  app.get(
    '/:order_id',
    {
      schema: {
        tags: ['orders'],
        operationId: 'get_order',
        summary: 'Read one order.',
        params: OrderPath,
        response: { 200: Order, ...problemResponses(404, 422, 500) },
      },
    },
    async ({ params: { order_id } }) => {
      const order = await orders.get(order_id);
      if (!order) throw unknown(order_id);
      return order;
    },
  );

  app.delete(
    '/:order_id',
    {
      schema: {
        tags: ['orders'],
        operationId: 'delete_order',
        summary: 'Forget one order.',
        params: OrderPath,
        response: { 204: Type.Null(), ...problemResponses(404, 422, 500) },
      },
    },
    async ({ params: { order_id } }, reply) => {
      if (!(await orders.remove(order_id))) throw unknown(order_id);
      return reply.code(204).send(null);
    },
  );

  done();
};

function read(cursor: string): string {
  const id = fromCursor(cursor);
  if (id === undefined) {
    throw new ProblemError(422, 'The request does not match the schema.', [
      { detail: 'Not a cursor of this service.', parameter: 'cursor' },
    ]);
  }
  return id;
}

function unknown(id: string): ProblemError {
  return new ProblemError(404, `There is no order ${id}.`);
}
