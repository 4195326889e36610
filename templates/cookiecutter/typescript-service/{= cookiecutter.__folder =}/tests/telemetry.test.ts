import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { beforeEach, expect, test } from 'vitest';
import { DURATION_BUCKETS } from '../src/telemetry.ts';
import { service } from '../src/service.ts';
import { eventually, failing, start, type Service } from './service.ts';
import { spans } from './telemetry.ts';

/** The threshold of the latency SLO, when this service was made. */
const SLO_LATENCY_SECONDS = {= '%g' | format((cookiecutter.__slo_latency_ms | int) / 1000) =};

type Labels = Record<string, string>;

/** The labels of every series of this name that a scrape brings. */
async function scrape({ request }: Service, name: string): Promise<Labels[]> {
  const text = await (await request('/metrics')).text();
  return [...text.matchAll(new RegExp(`^${name}\\{(.*)\\} `, 'gm'))].map(
    ([, labels = '']) =>
      Object.fromEntries(
        [...labels.matchAll(/(\w+)="([^"]*)"/g)].map(([, key, value]) => [key, value]),
      ) as Labels,
  );
}

/** A number as Prometheus writes it. */
function float(value: number): string {
  return Number.isInteger(value) ? value.toFixed(1) : String(value);
}

/** The next span of the server that ends. */
function nextSpan(): Promise<ReadableSpan> {
  return eventually(() => spans.getFinishedSpans().find(({ kind }) => kind === SpanKind.SERVER));
}

beforeEach(() => {
  spans.reset();
});

test('requests are counted by method, route and status', async () => {
  const it = await start();
  for (const path of ['/v1/orders', '/v1/orders/not-a-uuid', '/nowhere/4711'])
    await it.request(path);

  await eventually(() => spans.getFinishedSpans().length === 3);
  const counts = await scrape(it, 'http_server_request_duration_seconds_count');

  expect(counts).toHaveLength(3);
  const common = { http_request_method: 'GET', service_name: service.name };
  expect(counts).toEqual(
    expect.arrayContaining([
      { ...common, http_route: '/v1/orders', http_response_status_code: '200' },
      { ...common, http_route: '/v1/orders/{order_id}', http_response_status_code: '422' },
      { ...common, http_response_status_code: '404' }, // a made-up path must not become a time series
    ]),
  );
});

test('failures are counted as such', async () => {
  const it = await start({}, failing);
  await it.request('/fail');
  await nextSpan();

  const counts = await scrape(it, 'http_server_request_duration_seconds_count');

  expect(counts.find((labels) => labels['http_route'] === '/fail')).toMatchObject({
    http_response_status_code: '500',
  });
});

test('the latency that the SLO promises is a bucket', async () => {
  const it = await start();
  await it.request('/v1/orders');
  await nextSpan();

  const buckets = await scrape(it, 'http_server_request_duration_seconds_bucket');

  const bounds = new Set(buckets.map((labels) => labels['le']));
  expect(bounds).toContain(float(SLO_LATENCY_SECONDS));
  expect(bounds).toEqual(new Set([...DURATION_BUCKETS.map(float), '+Inf']));
});

test("the platform's own requests are not measured", async () => {
  const it = await start();
  for (const path of ['/healthz', '/readyz', '/metrics']) await it.request(path);

  const counts = await scrape(it, 'http_server_request_duration_seconds_count');

  expect(
    counts.filter((labels) => /healthz|readyz|metrics/.test(labels['http_route'] ?? '')),
  ).toEqual([]);
  expect(spans.getFinishedSpans()).toEqual([]);
});

test("a user's request cannot pose as the platform's", async () => {
  const it = await start();
  await it.request('/v1/orders?cursor=/healthz');
  await it.request('/v1/healthz');

  await eventually(() => spans.getFinishedSpans().length === 2);
});

test('the target is named, and the process is measured', async () => {
  const it = await start();

  expect(await scrape(it, 'target_info')).toMatchObject([
    { service_name: service.name, service_version: service.version },
  ]);
  const response = await it.request('/metrics');
  expect(response.headers.get('content-type')).toContain('text/plain; version=0.0.4');
  expect(await response.text()).toMatch(/^process_cpu_seconds_total \d/m);
});

test("a trace goes on where the caller's ended", async () => {
  const it = await start();
  const [traceId, parentId] = ['0af7651916cd43dd8448eb211c80319c', 'b7ad6b7169203331'];

  await it.request('/v1/orders', { headers: { traceparent: `00-${traceId}-${parentId}-01` } });

  const span = await nextSpan();
  expect(span.name).toBe('GET /v1/orders');
  expect(span.spanContext().traceId).toBe(traceId);
  expect(span.parentSpanContext?.spanId).toBe(parentId);
  expect(span.attributes['http.response.status_code']).toBe(200);
});

test('an unexpected error is in the trace', async () => {
  const it = await start({}, failing);

  await it.request('/fail');

  const span = await nextSpan();
  expect(span.status.code).toBe(SpanStatusCode.ERROR);
  expect(span.events.map(({ name }) => name)).toEqual(['exception']);
});
