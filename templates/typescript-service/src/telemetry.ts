/** Traces and metrics by OpenTelemetry, under the names that SLO, alerts and dashboard select on. */

import { setTimeout as sleep } from 'node:timers/promises';
import { diag, DiagLogLevel } from '@opentelemetry/api';
import { PrometheusExporter, PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { AggregationType, createAllowListAttributesProcessor } from '@opentelemetry/sdk-metrics';
import { startNodeSdk } from '@opentelemetry/sdk-node';
import { NoopSpanProcessor, type SpanProcessor } from '@opentelemetry/sdk-trace';
import type { FastifyBaseLogger } from 'fastify';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { service } from './service.ts';

/**
 * Upper bounds, in seconds, of `http.server.request.duration`, as the semantic conventions advise.
 *
 * A latency SLO counts the requests within one of these buckets: its threshold must be one of them.
 */
export const DURATION_BUCKETS = [
  0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10,
];

/** Requests of the platform, not of users: they would flatter every SLI. */
export const PROBES: ReadonlySet<string> = new Set(['/healthz', '/readyz', '/metrics']);

const LABELS = ['http.request.method', 'http.route', 'http.response.status_code', 'error.type'];

/** What was started: it is one per process, for it changes Node.js's own http module. */
export interface Telemetry {
  /** Everything measured, in Prometheus's text format. */
  scrape: () => Promise<string>;
  /** Send OpenTelemetry's own complaints where the service's lines go. */
  logTo: (logger: FastifyBaseLogger) => void;
  /** Flush and close; says whether the last spans arrived within so many seconds. */
  shutdown: (timeout: number) => Promise<boolean>;
}

/**
 * Start it before anything loads Fastify, or requests are neither traced nor measured.
 *
 * @param spanProcessors Where spans go while the environment names no collector: nowhere by
 *   default, and yet each line of the log has its trace.
 */
export function startTelemetry(...spanProcessors: SpanProcessor[]): Telemetry {
  const exporter = new PrometheusExporter({ preventServerStart: true });
  const serializer = new PrometheusSerializer('', false, /^service\.name$/, false, true);
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const sdk = startNodeSdk({
    resourceAttributes: { 'service.name': service.name, 'service.version': service.version },
    instrumentations: [
      new HttpInstrumentation({
        ignoreIncomingRequestHook: (request) => PROBES.has(request.url?.split('?')[0] ?? ''),
      }),
    ],
    metricReaders: [exporter],
    views: [
      {
        instrumentName: 'http.server.request.duration',
        // This exporter leaves the unit out of Prometheus's names.
        name: 'http.server.request.duration.seconds',
        aggregation: {
          type: AggregationType.EXPLICIT_BUCKET_HISTOGRAM,
          options: { boundaries: DURATION_BUCKETS },
        },
        attributesProcessors: [createAllowListAttributesProcessor(LABELS)],
      },
    ],
    logRecordProcessors: [],
    ...(exportsSpans() ? {} : { spanProcessors: [new NoopSpanProcessor(), ...spanProcessors] }),
  });
  return {
    scrape: async () => {
      const { resourceMetrics } = await exporter.collect();
      await resourceMetrics.resource.waitForAsyncAttributes?.();
      // Prometheus 2 keeps le="1" and le="1.0" apart; rules say 1.0.
      const measured = serializer
        .serialize(resourceMetrics)
        .replaceAll(/(?<=le=")\d+(?=")/g, '$&.0');
      return measured + (await registry.metrics());
    },
    logTo: (logger) => {
      diag.setLogger(
        {
          error: logger.error.bind(logger),
          warn: logger.warn.bind(logger),
          info: logger.info.bind(logger),
          debug: logger.debug.bind(logger),
          verbose: logger.trace.bind(logger),
        },
        { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
      );
    },
    shutdown: (timeout) =>
      Promise.race([
        sdk.shutdown().then(
          () => true,
          () => false,
        ),
        sleep(timeout * 1000, false, { ref: false }),
      ]),
  };
}

/** Without an address the SDK would send spans to localhost. */
function exportsSpans(): boolean {
  const names = ['OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'];
  return names.some((name) => process.env[name]);
}
