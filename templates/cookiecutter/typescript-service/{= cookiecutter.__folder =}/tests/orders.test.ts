import { expect, test } from 'vitest';
import type { Order } from '../src/orders/models.ts';
import { start, type Service } from './service.ts';

const ORDER = { reference: '2026-0001', lines: [{ sku: 'TEA', quantity: 2 }] };

async function place({ post }: Service, reference: string): Promise<Order> {
  const response = await post('/v1/orders', { ...ORDER, reference });
  expect(response.status).toBe(201);
  return (await response.json()) as Order;
}

interface Page {
  items: Order[];
  next_cursor?: string;
}

async function page({ request }: Service, query: Record<string, string>): Promise<Page> {
  const response = await request(`/v1/orders?${new URLSearchParams(query).toString()}`);
  return (await response.json()) as Page;
}

test('a placed order is found where location says', async () => {
  const { post, request } = await start();

  const placed = await post('/v1/orders', ORDER);

  expect(placed.status).toBe(201);
  expect(placed.headers.get('content-type')).toBe('application/json');
  const order = (await placed.json()) as Order;
  expect(order).toMatchObject(ORDER);
  expect(placed.headers.get('location')).toBe(`/v1/orders/${order.id}`);
  expect(await (await request(`/v1/orders/${order.id}`)).json()).toEqual(order);
});

test('a reference is used once', async () => {
  const service = await start();
  await place(service, 'twice');

  const again = await service.post('/v1/orders', { ...ORDER, reference: 'twice' });

  expect(again.status).toBe(409);
  expect(await again.json()).toMatchObject({
    detail: 'There is an order with the reference twice.',
  });
});

test('a deleted order is gone', async () => {
  const service = await start();
  const path = `/v1/orders/${(await place(service, 'short-lived')).id}`;
  const remove = (): Promise<Response> =>
    service.request(path, { method: 'DELETE', headers: { 'content-type': 'application/json' } });

  expect((await remove()).status).toBe(204);
  expect((await remove()).status).toBe(404);
  expect((await service.request(path)).status).toBe(404);
});

test('pages hold every order once and in order', async () => {
  const service = await start();
  const placed: Order[] = [];
  for (let number = 0; number < 5; number++) placed.push(await place(service, `order-${number}`));

  const pages = [await page(service, { limit: '2' })];
  for (let cursor; (cursor = pages.at(-1)?.next_cursor);) {
    pages.push(await page(service, { limit: '2', cursor }));
  }

  expect(pages.map(({ items }) => items.length)).toEqual([2, 2, 1]);
  expect(pages.flatMap(({ items }) => items)).toEqual(placed);
});

test('an exactly full page is the last', async () => {
  const service = await start();
  await place(service, 'only');

  expect(await page(service, { limit: '1' })).not.toHaveProperty('next_cursor');
});

test('a cursor survives the deletion of its order', async () => {
  const service = await start();
  const [, second, third] = [
    await place(service, 'a'),
    await place(service, 'b'),
    await place(service, 'c'),
  ];
  const { next_cursor: cursor = '' } = await page(service, { limit: '2' });

  await service.request(`/v1/orders/${second.id}`, { method: 'DELETE' });

  expect((await page(service, { cursor })).items).toEqual([third]);
});

test.each(['', '???', 'é', 'bm90LWEtY3Vyc29y'])(
  'a foreign cursor %j is refused',
  async (cursor) => {
    const { request } = await start();

    const response = await request(`/v1/orders?cursor=${encodeURIComponent(cursor)}`);

    expect(response.status).toBe(422);
    expect(await response.json()).toMatchObject({
      errors: [{ detail: 'Not a cursor of this service.', parameter: 'cursor' }],
    });
  },
);

test.each([
  [{ reference: 'with space' }, '#/reference'],
  [{ reference: 'x'.repeat(65) }, '#/reference'],
  [{ reference: undefined }, '#/reference'],
  [{ reference: 'line\n' }, '#/reference'],
  [{ lines: [] }, '#/lines'],
  [{ lines: [{ sku: 'tea', quantity: 1 }] }, '#/lines/0/sku'],
  [{ lines: [{ sku: 'TEA', quantity: 0 }] }, '#/lines/0/quantity'],
  [{ lines: [{ sku: 'TEA', quantity: '1' }] }, '#/lines/0/quantity'],
  [{ 'a/b~c': true }, '#/a~1b~0c'],
])('an invalid order %j is refused at %s', async (change, pointer) => {
  const { post } = await start();

  const response = await post('/v1/orders', { ...ORDER, ...change });

  expect(response.status).toBe(422);
  const { errors } = (await response.json()) as { errors: { pointer: string }[] };
  expect(errors.map((error) => error.pointer)).toEqual([pointer]);
});

test('everything that is wrong is told at once', async () => {
  const { post } = await start();

  const response = await post('/v1/orders', { reference: '', lines: [{ sku: 'TEA' }] });

  const { errors } = (await response.json()) as { errors: { pointer: string }[] };
  expect(errors.map((error) => error.pointer)).toEqual(['#/reference', '#/lines/0/quantity']);
});

test.each(['0', '101', 'many'])('an invalid limit %s is refused by name', async (limit) => {
  const { request } = await start();

  const response = await request(`/v1/orders?limit=${limit}`);

  expect(response.status).toBe(422);
  const { errors } = (await response.json()) as { errors: { parameter: string }[] };
  expect(errors.map((error) => error.parameter)).toEqual(['limit']);
});
