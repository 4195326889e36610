import { Config, readDurationFromConfig } from '@backstage/config';
import { InputError } from '@backstage/errors';
import { durationToMilliseconds } from '@backstage/types';

/** What is asked of a component, and how much may be done at once. */
export interface Settings {
  contract?: string;
  version: string;
  checks: string[];
  parallel: number;
  readTimeoutMs: number;
}

export function readSettings(config: Config): Settings {
  const settings = config.getOptionalConfig('goldenpath');
  const scorecard = settings?.getOptionalConfig('scorecard');
  if (!scorecard) {
    throw new InputError(
      'goldenpath.scorecard is missing in the configuration: `goldenpath contract export tech-insights` makes it',
    );
  }
  const scan = settings?.getOptionalConfig('scan');
  return {
    contract: settings?.getOptionalString('contract'),
    version: scorecard.getString('version'),
    checks: scorecard.getStringArray('checks'),
    parallel: scan?.getOptionalNumber('parallel') ?? 2,
    readTimeoutMs: scan?.has('timeout')
      ? durationToMilliseconds(readDurationFromConfig(scan, { key: 'timeout' }))
      : 2 * 60_000,
  };
}
