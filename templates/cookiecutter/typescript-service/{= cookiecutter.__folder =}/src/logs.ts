/** Structured logs: one JSON object per line, the service's own and Fastify's alike. */

import { isSpanContextValid, trace } from '@opentelemetry/api';
import type { FastifyBaseLogger } from 'fastify';
import { destination, pino, stdTimeFunctions, type DestinationStream, type Level } from 'pino';
import { prettyFactory } from 'pino-pretty';
import type { Settings } from './settings.ts';

const LEVELS: Record<Settings['APP_LOG_LEVEL'], Level> = {
  debug: 'debug',
  info: 'info',
  warning: 'warn',
  error: 'error',
};

/** The logger of the process; it writes at once, so that nothing is lost when the process ends. */
export function createLogger(
  settings: Pick<Settings, 'APP_LOG_LEVEL' | 'APP_LOG_FORMAT'>,
  stream: DestinationStream = destination({ dest: 1, sync: true }),
): FastifyBaseLogger {
  return pino(
    {
      level: LEVELS[settings.APP_LOG_LEVEL],
      base: null,
      messageKey: 'message',
      timestamp: () => stdTimeFunctions.isoTime().replace('"time"', '"timestamp"'),
      formatters: { level: (label) => ({ level: label === 'warn' ? 'warning' : label }) },
      // Tracebacks as text: the other properties of an error hold what must not reach a log.
      errorKey: 'exception',
      serializers: { exception: (error: Error) => error.stack },
      mixin: traceContext,
    },
    settings.APP_LOG_FORMAT === 'console' ? prettified(stream) : stream,
  );
}

/** Each line for people's eyes. */
function prettified(stream: DestinationStream): DestinationStream {
  const prettify = prettyFactory({ messageKey: 'message', timestampKey: 'timestamp' });
  return {
    write: (line) => {
      stream.write(prettify(line));
    },
  };
}

/** Name the current span, so that a log line leads to its trace and back. */
function traceContext(): object {
  const span = trace.getActiveSpan()?.spanContext();
  return span && isSpanContextValid(span) ? { trace_id: span.traceId, span_id: span.spanId } : {};
}
