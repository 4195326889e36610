import { InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace';
import { startTelemetry } from '../src/telemetry.ts';

// A developer's or a runner's own variables must not decide a test.
for (const name of Object.keys(process.env)) {
  if (/^(APP|OTEL)_/.test(name)) Reflect.deleteProperty(process.env, name);
}

/** Every span that the service under test has ended. */
export const spans = new InMemorySpanExporter();

/** Of the process, as telemetry is: a test looks for what it did itself. */
export const telemetry = startTelemetry(new SimpleSpanProcessor({ exporter: spans }));
