/** What the service is called, and which version of it this is: package.json says so, once. */

import { readFileSync } from 'node:fs';

interface Manifest {
  name: string;
  version: string;
  description: string;
}

/** Under this name catalogue, telemetry, SLO and alerts know the service. */
export const service = JSON.parse(
  readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
) as Manifest;
