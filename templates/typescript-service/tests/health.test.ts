import { expect, test } from 'vitest';
import { Lifecycle } from '../src/lifecycle.ts';
import { InMemoryOrders, type OrderRepository } from '../src/orders/repository.ts';
import { start } from './service.ts';

class BrokenOrders extends InMemoryOrders {
  override ping(): Promise<void> {
    return Promise.reject(new Error('no connection'));
  }
}

class SilentOrders extends InMemoryOrders {
  override ping(): Promise<void> {
    return new Promise(() => undefined);
  }
}

class Starting extends Lifecycle {
  override ready(): void {
    // Something is not open yet.
  }
}

test('a started service is alive and ready', async () => {
  const { request } = await start();

  expect(await (await request('/healthz')).json()).toEqual({ status: 'alive' });
  expect(await (await request('/readyz')).json()).toEqual({ status: 'ready' });
});

test('a service that has not started is alive but not ready', async () => {
  const { request } = await start({ lifecycle: new Starting() });

  expect((await request('/healthz')).status).toBe(200);
  const response = await request('/readyz');
  expect(response.status).toBe(503);
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  expect(await response.json()).toMatchObject({ detail: 'The service is starting.' });
});

test('a service that is shutting down is alive but not ready', async () => {
  const { request, lifecycle } = await start();
  lifecycle.drain();

  expect((await request('/healthz')).status).toBe(200);
  expect(await (await request('/readyz')).json()).toMatchObject({
    detail: 'The service is draining.',
  });
});

test('a shutdown during the start stays one', async () => {
  const lifecycle = new Lifecycle();
  lifecycle.drain();
  const { request } = await start({ lifecycle });

  expect((await request('/readyz')).status).toBe(503);
});

test.each<{ what: string; orders: OrderRepository }>([
  { what: 'breaks', orders: new BrokenOrders() },
  { what: 'is silent', orders: new SilentOrders() },
])('a service whose repository $what is alive but not ready', async ({ orders }) => {
  const { request, lines } = await start({ orders });

  expect((await request('/healthz')).status).toBe(200);
  const response = await request('/readyz');
  expect(response.status).toBe(503);
  expect(await response.json()).toMatchObject({ detail: 'The repository does not answer.' });
  expect(lines('not ready')).toMatchObject([{ level: 'warning' }]);
});
