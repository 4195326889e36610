/** The command that runs the service. */

import { readSettings, SettingsError, type Settings } from './settings.ts';
import { startTelemetry } from './telemetry.ts';

/** Exit code of a configuration error (sysexits.h): a restart will not help. */
const EX_CONFIG = 78;

function settingsOrExit(): Settings {
  try {
    return readSettings();
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(EX_CONFIG);
  }
}

const settings = settingsOrExit();
const telemetry = startTelemetry();

// Only now, for these load Fastify.
const { createApp } = await import('./app.ts');
const { createLogger } = await import('./logs.ts');
const { Lifecycle } = await import('./lifecycle.ts');
const { serve } = await import('./server.ts');

const logger = createLogger(settings);
telemetry.logTo(logger);
const lifecycle = new Lifecycle();
const app = await createApp({ logger, telemetry, lifecycle });
await serve({ app, settings, lifecycle, telemetry });
process.exit(0); // whatever is still open is of no use to anybody
