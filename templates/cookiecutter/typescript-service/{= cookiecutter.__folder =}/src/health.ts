/** What the platform asks: is it alive, may it have traffic, how is it doing. */

import { setTimeout as sleep } from 'node:timers/promises';
import { Type, type FastifyPluginCallbackTypebox } from '@fastify/type-provider-typebox';
import type { Lifecycle } from './lifecycle.ts';
import type { OrderRepository } from './orders/repository.ts';
import { ProblemError, problemResponses } from './problems.ts';
import type { Telemetry } from './telemetry.ts';

interface Options {
  lifecycle: Lifecycle;
  orders: OrderRepository;
  telemetry: Telemetry;
  pingTimeoutSeconds?: number;
}

export const health: FastifyPluginCallbackTypebox<Options> = (app, options, done) => {
  const { lifecycle, orders, telemetry, pingTimeoutSeconds = 1 } = options;

  /** Liveness: the event loop turns. Asks nobody else, or their outage would restart us. */
  app.get(
    '/healthz',
    {
      schema: {
        tags: ['platform'],
        operationId: 'healthz',
        response: { 200: Type.Object({ status: Type.Literal('alive') }) },
      },
    },
    () => ({ status: 'alive' as const }),
  );

  /** Readiness: started, not shutting down, and the repository answers. */
  app.get(
    '/readyz',
    {
      schema: {
        tags: ['platform'],
        operationId: 'readyz',
        response: {
          200: Type.Object({ status: Type.Literal('ready') }),
          ...problemResponses(503),
        },
      },
    },
    async (request) => {
      if (lifecycle.phase !== 'ready') {
        throw new ProblemError(503, `The service is ${lifecycle.phase}.`);
      }
      try {
        await withTimeout(orders.ping(), pingTimeoutSeconds);
      } catch (error) {
        request.log.warn(error, 'not ready');
        throw new ProblemError(503, 'The repository does not answer.');
      }
      return { status: 'ready' as const };
    },
  );

  /** Everything measured, for Prometheus. */
  app.get('/metrics', { schema: { hide: true } }, async (_request, reply) =>
    reply.type('text/plain; version=0.0.4; charset=utf-8').send(await telemetry.scrape()),
  );

  done();
};

async function withTimeout(promise: Promise<void>, seconds: number): Promise<void> {
  const late = sleep(seconds * 1000, undefined, { ref: false }).then(() => {
    throw new Error(`no answer within ${String(seconds)} s`);
  });
  await Promise.race([promise, late]);
}
