/** Settings, read once from the environment when the process starts. */

import { Type, type Static } from '@fastify/type-provider-typebox';
import { Value } from 'typebox/value';

/**
 * What an operator may change without a new build.
 *
 * The prefix is not the service's name, and no setting is called `APP_PORT`: Kubernetes injects
 * `<SERVICE>_PORT` for every Service in the namespace, and its value is a URL.
 *
 * OpenTelemetry keeps its own standard variables: `OTEL_EXPORTER_OTLP_ENDPOINT` switches the export
 * of traces on, `OTEL_TRACES_SAMPLER` and `OTEL_RESOURCE_ATTRIBUTES` work as specified.
 *
 * The three periods of a shutdown follow one another. Their sum must stay below the platform's
 * patience with a terminating process (30 seconds in Kubernetes).
 */
export const Settings = Type.Object({
  /** Address to listen on. The image sets 0.0.0.0. */
  APP_LISTEN_HOST: Type.String({ default: '127.0.0.1' }),

  /** Port to listen on; 0 takes a free one and logs it. */
  APP_LISTEN_PORT: Type.Integer({ default: 8080, minimum: 0, maximum: 65_535 }),

  /** Lowest level that is written. Health probes and scrapes are logged at debug. */
  APP_LOG_LEVEL: Type.Enum(['debug', 'info', 'warning', 'error'], { default: 'info' }),

  /** `json` for machines, `console` for a developer's terminal. */
  APP_LOG_FORMAT: Type.Enum(['json', 'console'], { default: 'json' }),

  /** After SIGTERM: how long to keep accepting requests while `/readyz` already answers 503. */
  APP_DRAIN_DELAY_SECONDS: Type.Number({ default: 5, minimum: 0 }),

  /** Then: how long requests in flight may take to finish. */
  APP_DRAIN_TIMEOUT_SECONDS: Type.Number({ default: 15, exclusiveMinimum: 0 }),

  /** Then: how long the last spans may take to reach the collector. */
  APP_FLUSH_TIMEOUT_SECONDS: Type.Number({ default: 5, exclusiveMinimum: 0 }),
});
export type Settings = Readonly<Static<typeof Settings>>;

/** Thrown with one line for each variable at fault, without its value: that may be a secret. */
export class SettingsError extends Error {}

/** Read the settings; a variable that is empty counts as one that is not set. */
export function readSettings(environment: NodeJS.ProcessEnv = process.env): Settings {
  const given = Object.keys(Settings.properties).flatMap((name) =>
    environment[name] ? [[name, environment[name]]] : [],
  );
  const settings = Value.Default(Settings, Value.Convert(Settings, Object.fromEntries(given)));
  if (!Value.Check(Settings, settings)) {
    throw new SettingsError(
      Value.Errors(Settings, settings)
        .map((error) => `${error.instancePath.slice(1)}: ${error.message}`)
        .join('\n'),
    );
  }
  return settings;
}
