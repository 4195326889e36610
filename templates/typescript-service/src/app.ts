/** The application, assembled from parts that a test may replace. */

import { fastifySwagger } from '@fastify/swagger';
import { fastifySwaggerUi } from '@fastify/swagger-ui';
import { registerAjvFormats, TypeBoxValidatorCompiler } from '@fastify/type-provider-typebox';
import { fastify, LogController, type FastifyBaseLogger, type FastifyInstance } from 'fastify';
import { health } from './health.ts';
import type { Lifecycle } from './lifecycle.ts';
import { InMemoryOrders, type OrderRepository } from './orders/repository.ts';
import { orderRoutes } from './orders/routes.ts';
import { addProblemHandlers, Problem, sendProblem } from './problems.ts';
import { leaveOutCharset, requestId, surround } from './requests.ts';
import { service } from './service.ts';
import type { Telemetry } from './telemetry.ts';

export interface Parts {
  logger: FastifyBaseLogger;
  telemetry: Telemetry;
  /** Shared with whoever sees the signals. */
  lifecycle: Lifecycle;
  /** Where orders are kept; in memory by default. */
  orders?: OrderRepository;
}

/** How long a client may take to send a request: Fastify alone waits for ever. */
const REQUEST_TIMEOUT_SECONDS = 30;

/** Build the application; `ready()` or `listen()` starts it. */
export async function createApp(parts: Parts): Promise<FastifyInstance> {
  const { logger, telemetry, lifecycle, orders = new InMemoryOrders() } = parts;
  registerAjvFormats();
  const app = fastify({
    loggerInstance: logger,
    // requests.ts writes the one line of a request.
    logController: new LogController({
      disableRequestLogging: true,
      requestIdLogLabel: 'request_id',
    }),
    genReqId: requestId,
    requestTimeout: REQUEST_TIMEOUT_SECONDS * 1000,
    forceCloseConnections: 'idle',
    frameworkErrors: (error, request, reply) => {
      surround(request, reply);
      sendProblem(request, reply, error.statusCode ?? 400, error.message);
    },
  });
  app.setValidatorCompiler(TypeBoxValidatorCompiler); // it takes a body as it is, and converts the rest
  app.removeContentTypeParser('text/plain'); // a body that is not JSON is a 415
  acceptNoBody(app);
  app.addSchema(Problem);
  addProblemHandlers(app);
  app.addHook('onRequest', (request, reply, done) => {
    surround(request, reply);
    // The router takes the nothing in `/v1/orders/` for an id.
    if (Object.values(request.params as object).includes('')) reply.callNotFound();
    else done();
  });
  app.addHook('onSend', (_request, reply, _payload, done) => {
    leaveOutCharset(reply);
    done();
  });
  await app.register(fastifySwagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: service.name, version: service.version, summary: service.description },
    },
    refResolver: {
      buildLocalReference: ({ $id }, _base, _fragment, index) =>
        typeof $id === 'string' ? $id : `def-${index}`,
    },
  });
  await app.register(fastifySwaggerUi, { routePrefix: '/docs' });
  app.get('/openapi.json', { schema: { hide: true } }, () => app.swagger());
  await app.register(health, { lifecycle, orders, telemetry });
  await app.register(orderRoutes, { prefix: '/v1/orders', orders });
  // Open what the service needs (pools, clients) before it says that it is ready.
  app.addHook('onReady', (done) => {
    lifecycle.ready();
    app.log.info({ version: service.version }, 'ready');
    done();
  });
  return app;
}

/** Take an empty body for none: clients name its type even where they send nothing, as in DELETE. */
function acceptNoBody(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.addContentTypeParser<string>(
    'application/json',
    { parseAs: 'string' },
    (request, body, done) => {
      if (body) void parse(request, body, done);
      else done(null);
    },
  );
}
