import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { readSettings, Settings } from '../src/settings.ts';
import { SECRET } from './service.ts';

test('settings come from the environment', () => {
  expect(readSettings({ APP_LISTEN_PORT: '9000', APP_LOG_LEVEL: 'debug' })).toMatchObject({
    APP_LISTEN_PORT: 9000,
    APP_LOG_LEVEL: 'debug',
  });
});

test('an empty variable is none', () => {
  expect(readSettings({ APP_LISTEN_PORT: '' }).APP_LISTEN_PORT).toBe(8080);
});

test('a Kubernetes service link is no setting', () => {
  expect(readSettings({ APP_PORT: 'tcp://10.0.0.1:80' })).toEqual(readSettings({}));
});

test('the example names every setting with its default', () => {
  const text = readFileSync(new URL('../.env.example', import.meta.url), 'utf8');
  const example = Object.fromEntries(
    [...text.matchAll(/^(APP_\w+)=(.*)$/gm)].map(([, name, value]) => [name, value]),
  ) as Record<string, string>;

  expect(Object.keys(example)).toEqual(Object.keys(Settings.properties));
  expect(readSettings(example)).toEqual(readSettings({}));
});

test('a shutdown fits into the patience of Kubernetes', () => {
  const defaults = readSettings({});

  expect(
    defaults.APP_DRAIN_DELAY_SECONDS +
      defaults.APP_DRAIN_TIMEOUT_SECONDS +
      defaults.APP_FLUSH_TIMEOUT_SECONDS,
  ).toBeLessThan(30);
});

test('every bad setting is named', () => {
  const bad = { APP_LISTEN_PORT: '-1', APP_FLUSH_TIMEOUT_SECONDS: '0' };

  expect(() => readSettings(bad)).toThrow(/^APP_LISTEN_PORT: .+\nAPP_FLUSH_TIMEOUT_SECONDS: .+$/);
});

test('a bad setting is named and its value is not', async () => {
  const run = promisify(execFile)(process.execPath, ['src/main.ts'], {
    env: { ...process.env, APP_LISTEN_PORT: SECRET, APP_LOG_LEVEL: SECRET },
  });

  const { code, stderr } = (await run.catch((error: unknown) => error)) as Record<string, unknown>;
  expect(code).toBe(78);
  expect(stderr).toMatch(/^APP_LISTEN_PORT: .+\nAPP_LOG_LEVEL: .+\n$/);
  expect(stderr).not.toContain(SECRET);
});
