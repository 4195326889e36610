import { expect, test } from 'vitest';
import { createLogger } from '../src/logs.ts';
import { eventually, failing, SECRET, start } from './service.ts';
import { telemetry } from './telemetry.ts';

test('a request is one line that leads to its trace', async () => {
  const { request, lines } = await start();
  const traceId = '0af7651916cd43dd8448eb211c80319c';

  const response = await request('/v1/orders?limit=7', {
    headers: { traceparent: `00-${traceId}-b7ad6b7169203331-01` },
  });

  const logged = await eventually(() => lines('request').at(0) && lines('request'));
  expect(logged).toHaveLength(1);
  expect(logged[0]).toMatchObject({
    level: 'info',
    timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) as string,
    trace_id: traceId,
    span_id: expect.stringMatching(/^[0-9a-f]{16}$/) as string,
    request_id: response.headers.get('x-request-id'),
    'http.request.method': 'GET',
    'url.path': '/v1/orders',
    'http.response.status_code': 200,
    duration_ms: expect.any(Number) as number,
  });
});

test('a failure is logged with its traceback and without its variables', async () => {
  const { request, lines } = await start({}, failing);

  await request('/fail');

  const logged = await eventually(() => lines('request').at(0));
  expect(logged).toMatchObject({ level: 'error', 'http.response.status_code': 500 });
  const [line] = lines('unhandled exception');
  expect(line).toMatchObject({ level: 'error', trace_id: logged['trace_id'] });
  expect(line?.['exception']).toMatch(/^RangeError: 7 is too much\n +at /);
  expect(JSON.stringify(line)).not.toContain(SECRET);
});

test('probes are logged at debug only', async () => {
  const { request, lines } = await start();

  await request('/healthz');

  expect(await eventually(() => lines('request').at(0))).toMatchObject({ level: 'debug' });
});

test('libraries write the same lines', async () => {
  const { app, lines } = await start();
  telemetry.logTo(app.log);

  const { diag } = await import('@opentelemetry/api');
  diag.warn('the collector is away');
  diag.info('nobody needs to know');

  expect(lines('the collector is away')).toMatchObject([{ level: 'warning' }]);
  expect(lines('nobody needs to know')).toEqual([]);
});

test('people may read plain lines', () => {
  const written: string[] = [];
  const stream = { write: (line: string) => written.push(line) };

  createLogger({ APP_LOG_LEVEL: 'info', APP_LOG_FORMAT: 'console' }, stream).warn('hello');

  expect(written.join('')).toMatch(/^(?!\{).*hello/);
});
