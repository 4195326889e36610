/** The process around the application: it leaves the load balancer before it stops listening. */

import type { EventEmitter } from 'node:events';
import type { FastifyInstance } from 'fastify';
import type { Lifecycle } from './lifecycle.ts';
import type { Settings } from './settings.ts';
import type { Telemetry } from './telemetry.ts';

interface Parts {
  app: FastifyInstance;
  settings: Settings;
  lifecycle: Lifecycle;
  telemetry: Telemetry;
  /** Where signals arrive. */
  signals?: Pick<EventEmitter, 'on' | 'off'>;
}

/**
 * Serve until a signal says otherwise, with a shutdown that loses no request.
 *
 * On SIGTERM, `/readyz` turns 503 while requests are still accepted: load balancers take some
 * seconds to notice, and would meet a closed port. Then the port is closed, requests in flight
 * finish, and telemetry is flushed. SIGINT (Ctrl+C) skips the wait. A second signal ends it as well,
 * and a third by SIGINT drops what is in flight.
 */
export async function serve(parts: Parts): Promise<void> {
  const { app, settings, lifecycle, telemetry, signals = process } = parts;
  const stop = Promise.withResolvers<undefined>();
  let stopping = false;

  const endWait = (): void => {
    stopping = true;
    stop.resolve(undefined);
  };
  const onSignal = (signal: NodeJS.Signals): void => {
    if (stopping && signal === 'SIGINT') app.server.closeAllConnections();
    const patient = signal === 'SIGTERM' && lifecycle.phase === 'ready';
    lifecycle.drain();
    if (patient) after(settings.APP_DRAIN_DELAY_SECONDS, endWait);
    else endWait();
  };
  signals.on('SIGTERM', onSignal);
  signals.on('SIGINT', onSignal);

  await app.listen({ host: settings.APP_LISTEN_HOST, port: settings.APP_LISTEN_PORT });
  await stop.promise;
  app.log.info('waiting for requests in flight');
  after(settings.APP_DRAIN_TIMEOUT_SECONDS, () => {
    app.server.closeAllConnections();
  });
  await app.close();
  const flushed = await telemetry.shutdown(settings.APP_FLUSH_TIMEOUT_SECONDS);
  app.log.info({ telemetry_flushed: flushed }, 'stopped');
}

function after(seconds: number, action: () => void): void {
  setTimeout(action, seconds * 1000).unref();
}
