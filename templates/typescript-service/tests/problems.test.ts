import { Readable } from 'node:stream';
import type { OpenAPIV3_1 } from 'openapi-types';
import { expect, test } from 'vitest';
import { eventually, failing, SECRET, start } from './service.ts';

test.each([
  ['GET', '/nowhere', 404, 'Not Found'],
  ['GET', '/v1/orders/', 404, 'Not Found'],
  ['GET', '/%zz', 400, 'Bad Request'],
  ['PUT', '/v1/orders', 405, 'Method Not Allowed'],
  ['GET', '/v1/orders/none', 422, 'Unprocessable Content'],
  ['GET', '/v1/orders/8e7d4a52-3ff1-4a3c-9a0e-5d3a6f1f2b11', 404, 'Not Found'],
])('%s %s is a problem: %i %s', async (method, path, status, title) => {
  const { request } = await start();

  const response = await request(path, { method });

  expect(response.status).toBe(status);
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  expect(await response.json()).toMatchObject({
    type: 'about:blank',
    title,
    status,
    instance: path,
    request_id: response.headers.get('x-request-id'),
  });
});

test.each([
  ['/v1/orders', 'GET, HEAD, POST'],
  ['/v1/orders/4711', 'DELETE, GET, HEAD'],
])('a wrong method for %s is told the right ones', async (path, allowed) => {
  const { request } = await start();

  expect((await request(path, { method: 'PUT' })).headers.get('allow')).toBe(allowed);
});

test('a body that is no JSON is a bad request', async () => {
  const { request } = await start();

  const response = await request('/v1/orders', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{',
  });

  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ detail: 'The body is not JSON.' });
});

test.each([new URLSearchParams(), '{}'])('a body of another type is refused', async (body) => {
  const { request } = await start();

  const response = await request('/v1/orders', { method: 'POST', body });

  expect(response.status).toBe(415);
  expect(await response.json()).toMatchObject({ title: 'Unsupported Media Type' });
});

test('a body without bounds is refused', async () => {
  const { post } = await start();

  const response = await post('/v1/orders', { reference: 'x'.repeat(1 << 20) });

  expect(response.status).toBe(413);
  expect(await response.json()).toMatchObject({ title: 'Content Too Large' });
});

test('a client may not take for ever, nor a load balancer reuse what is closed', async () => {
  const { app } = await start();

  expect(app.server.requestTimeout).toBe(30_000);
  expect(app.server.keepAliveTimeout).toBeGreaterThan(60_000); // as long as they keep a connection, mostly
});

test('an unexpected error tells the client nothing', async () => {
  const { request } = await start({}, failing);

  const response = await request('/fail');

  expect(response.status).toBe(500);
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  expect(await response.json()).toEqual({
    type: 'about:blank',
    title: 'Internal Server Error',
    status: 500,
    instance: '/fail',
    request_id: response.headers.get('x-request-id'),
  });
});

test('an error after the headers breaks the connection', async () => {
  const { request, lines } = await start({}, (app) => {
    app.get('/half', (_request, reply) =>
      reply.send(
        Readable.from(
          (function* () {
            yield 'half';
            throw new Error(SECRET);
          })(),
        ),
      ),
    );
  });

  await expect(request('/half').then((response) => response.text())).rejects.toThrow();
  expect(await eventually(() => lines('request').at(0))).toMatchObject({
    level: 'error',
    'http.response.status_code': null,
  });
});

test('a request keeps the id it came with', async () => {
  const { request } = await start();

  const response = await request('/nowhere', { headers: { 'x-request-id': 'from-the-gateway.1' } });

  expect(response.headers.get('x-request-id')).toBe('from-the-gateway.1');
});

test.each(['', 'x'.repeat(129), 'line\tbreak', '"><script>'])(
  'a harmful request id %j is replaced',
  async (hostile) => {
    const { request } = await start();

    const response = await request('/nowhere', { headers: { 'x-request-id': hostile } });

    expect(response.headers.get('x-request-id')).toMatch(/^[0-9a-f]{32}$/);
  },
);

test('OpenAPI documents the problems', async () => {
  const { request } = await start();

  const document = (await (await request('/openapi.json')).json()) as OpenAPIV3_1.Document;

  const operations = Object.entries(document.paths ?? {}).flatMap(([path, methods]) =>
    Object.entries(methods as Record<string, OpenAPIV3_1.OperationObject>).map(
      ([method, operation]) => ({ name: `${method} ${path}`, ...operation }),
    ),
  );
  for (const { name, responses } of operations) {
    for (const [status, response] of Object.entries(responses ?? {})) {
      if (status < '400') continue;
      expect(response, `${name} ${status}`).toMatchObject({
        content: {
          'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } },
        },
      });
    }
  }
  const create = operations.find(({ operationId }) => operationId === 'create_order');
  expect(Object.keys(create?.responses ?? {})).toEqual([
    '201',
    '400',
    '409',
    '413',
    '415',
    '422',
    '500',
  ]);
  expect((await request('/docs/')).status).toBe(200);
});
