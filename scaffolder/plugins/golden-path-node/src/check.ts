import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { InputError } from '@backstage/errors';
import { JsonObject } from '@backstage/types';
import { absolute } from './absolute';
import { Python } from './Python';
import { Report } from './report';
import { withTemporaryFolder } from './temporary';

/** @public */
export interface CheckOptions {
  /** The directory to judge. */
  path: string;
  /** A name or a file. */
  contract?: string;
  /** What must be met. Default: the contract's lowest tier. */
  tier?: string;
  /** The component to judge, by its reference. Default: all that the directory declares. */
  component?: string;
  /** The entity as the catalog has it. */
  entity?: JsonObject;
  signal?: AbortSignal;
}

/** By what name reports speak of the entity. */
const ENTITY = 'catalog-entity.json';

/** @public */
export interface Judgement {
  /** Whether the tier is met. */
  met: boolean;
  report: Report;
}

/**
 * Judges a directory with `goldenpath check`.
 *
 * Rejects with an InputError that has goldenpath's own words where it cannot judge, and with a ProgramError where it
 * cannot run.
 *
 * @public
 */
export async function check(
  python: Python,
  options: CheckOptions,
): Promise<Judgement> {
  return withTemporaryFolder(async folder => {
    const output = join(folder, 'report.json');
    const args = ['check', '--format', 'json', '--output', output];
    if (options.contract) args.push('--contract', absolute(options.contract));
    if (options.tier) args.push('--tier', options.tier);
    if (options.component) args.push('--component', options.component);
    if (options.entity) {
      await writeFile(join(folder, ENTITY), JSON.stringify(options.entity));
      args.push('--entity', ENTITY);
    }
    const { code, stderr } = await python.module(
      'goldenpath',
      [...args, '--', resolve(options.path)],
      // Reports call the entity's file what it is called here: beside it, no path of this machine is needed.
      { cwd: folder, signal: options.signal },
    );
    if (code > 1) {
      throw new InputError(stderr.trim() || `goldenpath ended with ${code}`);
    }
    return {
      met: code === 0,
      report: JSON.parse(await readFile(output, 'utf8')),
    };
  });
}
