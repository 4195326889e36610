import { onTestFinished } from 'vitest';
import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { createApp, type Parts } from '../src/app.ts';
import { Lifecycle } from '../src/lifecycle.ts';
import { createLogger } from '../src/logs.ts';
import { readSettings } from '../src/settings.ts';
import { telemetry } from './telemetry.ts';

export const SECRET = 'hunter2';

/** A line of the log. */
export type LogLine = Record<string, unknown>;

/** The service under test, listening on a port of its own until the test ends. */
export interface Service {
  app: FastifyInstance;
  lifecycle: Lifecycle;
  url: string;
  /** What it has logged so far, at every level. */
  lines: (message: string) => LogLine[];
  request: (path: string, init?: RequestInit) => Promise<Response>;
  post: (path: string, body: unknown) => Promise<Response>;
}

/** Start the service with these parts, and with routes of the test's own. */
export async function start(
  parts: Partial<Parts> = {},
  addRoutes: (app: FastifyInstance) => void = () => undefined,
): Promise<Service> {
  const written: string[] = [];
  const settings = readSettings({ APP_LOG_LEVEL: 'debug' });
  const stream = { write: (line: string) => written.push(line) };
  const { lifecycle = new Lifecycle(), logger = createLogger(settings, stream) } = parts;
  const app = await createApp({ telemetry, ...parts, lifecycle, logger });
  addRoutes(app);
  await app.listen({ port: 0 });
  onTestFinished(() => app.close());
  const { port } = app.server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  const request: Service['request'] = (path, init) => fetch(url + path, init);
  return {
    app,
    lifecycle,
    url,
    lines: (message) =>
      written
        .map((line) => JSON.parse(line) as LogLine)
        .filter((line) => line['message'] === message),
    request,
    post: (path, body) =>
      request(path, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
  };
}

/** A route that fails in a way that nobody foresaw. */
export function failing(app: FastifyInstance): void {
  app.get('/fail', () => {
    throw Object.assign(new RangeError(`${SECRET.length} is too much`), { password: SECRET });
  });
}

/** Wait for what must happen. */
export async function eventually<T>(
  what: () => T | undefined | Promise<T | undefined>,
): Promise<T> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    const found = await what();
    if (found) return found;
    if (Date.now() > deadline) throw new Error('waited in vain');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
