/** The service, told to stop while it is busy: here, and as a process. */

import { spawn, type ChildProcess } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { createServer, request as httpRequest, type ClientRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { createApp } from '../src/app.ts';
import { Lifecycle } from '../src/lifecycle.ts';
import { createLogger } from '../src/logs.ts';
import { serve } from '../src/server.ts';
import { readSettings } from '../src/settings.ts';
import { eventually, type LogLine } from './service.ts';
import { telemetry } from './telemetry.ts';

const BODY = JSON.stringify({ reference: 'last', lines: [{ sku: 'TEA', quantity: 1 }] });
const HALF = BODY.length / 2;

/** A service that runs until it is told to stop. */
interface Running {
  url: string;
  lines: LogLine[];
  signal: (name: 'SIGTERM' | 'SIGINT') => void;
  /** How it ended: 0 is well. */
  end: Promise<unknown>;
}

/** Serve in this process, whose signals are this test's. */
async function serving(environment: Record<string, string>): Promise<Running> {
  const settings = readSettings({ APP_LISTEN_PORT: '0', ...environment });
  const signals = new EventEmitter();
  const lifecycle = new Lifecycle();
  const lines: LogLine[] = [];
  const stream = { write: (line: string) => lines.push(JSON.parse(line) as LogLine) };
  const parts = { telemetry: { ...telemetry, shutdown: () => Promise.resolve(true) }, lifecycle };
  const app = await createApp({ ...parts, logger: createLogger(settings, stream) });
  const end = serve({ ...parts, app, settings, signals }).then(() => 0);
  return { url: await listening(lines), lines, signal: (name) => signals.emit(name, name), end };
}

/** Serve in a process of its own. */
async function spawned(environment: Record<string, string>): Promise<Running> {
  const env = { ...process.env, APP_LISTEN_PORT: '0', ...environment };
  const child: ChildProcess = spawn(process.execPath, ['src/main.ts'], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  const lines: LogLine[] = [];
  if (child.stdout) {
    createInterface(child.stdout).on('line', (line) => lines.push(JSON.parse(line) as LogLine));
  }
  const end = once(child, 'close').then(([code]: unknown[]) => code);
  return { url: await listening(lines), lines, signal: (name) => child.kill(name), end };
}

async function listening(lines: LogLine[]): Promise<string> {
  const line = await logged(lines, 'Server listening at');
  return String(line['message']).split(' ').at(-1) ?? '';
}

async function logged(lines: LogLine[], message: string): Promise<LogLine> {
  return eventually(() => lines.find((line) => String(line['message']).startsWith(message)));
}

async function draining({ url }: Running): Promise<void> {
  await eventually(async () => (await fetch(`${url}/readyz`)).status === 503);
}

/** Send the first bytes of a request: it is in flight until the others follow. */
async function halfAnOrder({ url }: Running): Promise<ClientRequest> {
  const order = httpRequest(`${url}/v1/orders`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'content-length': BODY.length },
  });
  order.on('error', () => undefined);
  order.write(BODY.slice(0, HALF));
  await once(order, 'socket');
  await fetch(`${url}/healthz`); // it came after the bytes above
  return order;
}

test.each([
  ['here', serving],
  ['as a process', spawned],
])('%s, a request in flight is answered', async (_, run) => {
  const service = await run({ APP_DRAIN_DELAY_SECONDS: '1' });
  const order = await halfAnOrder(service);

  service.signal('SIGTERM');

  // Load balancers see that no new traffic is wanted, and what still comes is served.
  await draining(service);
  expect((await fetch(`${service.url}/v1/orders`)).status).toBe(200);
  // Then the port is closed, and the request in flight may still take its time.
  await logged(service.lines, 'waiting for requests in flight');
  await expect(fetch(`${service.url}/healthz`)).rejects.toThrow();
  const answered = once(order, 'response');
  order.end(BODY.slice(HALF));
  expect((await answered)[0]).toMatchObject({ statusCode: 201 });
  expect(await service.end).toBe(0);
  expect(await logged(service.lines, 'stopped')).toMatchObject({ telemetry_flushed: true });
});

test('a request that takes too long does not hold up the end', async () => {
  const service = await serving({
    APP_DRAIN_DELAY_SECONDS: '0',
    APP_DRAIN_TIMEOUT_SECONDS: '0.1',
  });
  await halfAnOrder(service);

  service.signal('SIGTERM');

  expect(await service.end).toBe(0);
});

test('a second signal ends the wait', async () => {
  const service = await serving({ APP_DRAIN_DELAY_SECONDS: '60' });
  service.signal('SIGTERM');
  await draining(service);

  service.signal('SIGTERM');

  expect(await service.end).toBe(0);
});

test('a developer does not wait', async () => {
  const service = await serving({ APP_DRAIN_DELAY_SECONDS: '60' });

  service.signal('SIGINT');

  expect(await service.end).toBe(0);
});

test('an impatient developer waits for nothing', async () => {
  const service = await serving({ APP_DRAIN_TIMEOUT_SECONDS: '60' });
  await halfAnOrder(service);
  service.signal('SIGINT');
  await logged(service.lines, 'waiting for requests in flight');

  service.signal('SIGINT');

  expect(await service.end).toBe(0);
});

test('the last trace reaches the collector before the process ends', async () => {
  const received: string[] = [];
  const collector = createServer((request, response) => {
    request.setEncoding('latin1').on('data', (chunk: string) => received.push(chunk));
    request.on('end', () => response.end());
  }).listen(0, '127.0.0.1');
  onTestFinished(() => void collector.close());
  await once(collector, 'listening');
  const { port } = collector.address() as AddressInfo;
  const service = await spawned({
    APP_DRAIN_DELAY_SECONDS: '0',
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
  });
  await fetch(`${service.url}/v1/orders`);

  service.signal('SIGTERM');

  expect(await service.end).toBe(0);
  expect(received.join('')).toContain('GET /v1/orders');
  expect(service.lines.every((line) => line['level'] && line['timestamp'])).toBe(true);
});

test('a collector that is away does not hold up the end', async () => {
  const silent = createServer(() => undefined).listen(0, '127.0.0.1');
  onTestFinished(() => {
    silent.closeAllConnections();
    silent.close();
  });
  await once(silent, 'listening');
  const { port } = silent.address() as AddressInfo;
  const service = await spawned({
    APP_DRAIN_DELAY_SECONDS: '0',
    APP_FLUSH_TIMEOUT_SECONDS: '0.2',
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
  });
  await fetch(`${service.url}/v1/orders`);

  service.signal('SIGTERM');

  expect(await Promise.race([service.end, sleep(20_000, 'still there', { ref: false })])).toBe(0);
  expect(await logged(service.lines, 'stopped')).toMatchObject({ telemetry_flushed: false });
});
