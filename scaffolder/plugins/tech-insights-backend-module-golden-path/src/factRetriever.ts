import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  AuthService,
  LoggerService,
  UrlReaderService,
} from '@backstage/backend-plugin-api';
import {
  Entity,
  getCompoundEntityRef,
  getEntitySourceLocation,
  stringifyEntityRef,
} from '@backstage/catalog-model';
import { isError, NotFoundError, toError } from '@backstage/errors';
import { ScmIntegrationRegistry } from '@backstage/integration';
import { CatalogService } from '@backstage/plugin-catalog-node';
import { JsonObject, JsonValue } from '@backstage/types';
import {
  FactRetriever,
  TechInsightFact,
} from '@backstage-community/plugin-tech-insights-node';
import {
  check,
  CheckResult,
  Python,
  Report,
} from '@goldenpath/backstage-plugin-golden-path-node';
import { DateTime } from 'luxon';
import pLimit from 'p-limit';
import { Settings } from './settings';

/**
 * The retriever's id, and its key below `techInsights.factRetrievers`.
 *
 * @public
 */
export const RETRIEVER_ID = 'goldenpath';

/** @public */
export interface GoldenPathFactRetrieverOptions {
  auth: AuthService;
  catalog: CatalogService;
  integrations: ScmIntegrationRegistry;
  python: Python;
  settings: {
    contract?: string;
    version: string;
    checks: string[];
    parallel: number;
    readTimeoutMs: number;
  };
}

type Facts = Record<string, JsonValue>;

/** What the stored facts of a component were found in. */
interface Known {
  etag: string;
  /** Of the entity and the day, which decide beside the source. */
  given: string;
}

/**
 * Judges the source of every component with `goldenpath check`: a fact for each check, the tier, and the whole report.
 *
 * What cannot be read or judged is `unknown`, with the reason: a component is never left out in silence.
 *
 * @public
 */
export function createGoldenPathFactRetriever(
  options: GoldenPathFactRetrieverOptions,
): FactRetriever {
  const { auth, catalog, settings } = options;
  const known = new Map<string, Known>();

  /** Nothing where what is stored holds. */
  async function factsOf(
    entity: Entity,
    urlReader: UrlReaderService,
    logger: LoggerService,
  ): Promise<Facts | undefined> {
    const ref = stringifyEntityRef(entity);
    try {
      const now = await judge(entity, urlReader, options, known.get(ref));
      if (!now) return undefined;
      known.set(ref, now.known);
      return now.facts;
    } catch (error) {
      known.delete(ref);
      const reason = toError(error).message;
      logger.warn(`${ref} is not judged: ${reason}`);
      return unknown(settings, reason);
    }
  }

  return {
    id: RETRIEVER_ID,
    version: settings.version,
    title: 'Golden path',
    description: 'The verdicts of goldenpath on the source of each component',
    entityFilter: [{ kind: 'component' }],
    schema: schema(settings),
    async handler({ logger, urlReader, entityFilter }) {
      const { items } = await catalog.getEntities(
        { filter: entityFilter },
        { credentials: await auth.getOwnServiceCredentials() },
      );
      const limit = pLimit(settings.parallel);
      const judged = async (entity: Entity): Promise<TechInsightFact[]> => {
        const found = await factsOf(entity, urlReader, logger);
        if (!found) return [];
        // Tech Insights' own default has a form in SQLite that it cannot read again.
        const timestamp = DateTime.utc();
        return [
          { entity: getCompoundEntityRef(entity), facts: found, timestamp },
        ];
      };
      const stored = await Promise.all(
        items.map(entity => limit(() => judged(entity))),
      );
      const refs = new Set(items.map(stringifyEntityRef));
      for (const ref of known.keys()) if (!refs.has(ref)) known.delete(ref);
      return stored.flat();
    },
  };
}

/** Nothing where the source, the entity and the day are those of before. */
async function judge(
  entity: Entity,
  urlReader: UrlReaderService,
  options: GoldenPathFactRetrieverOptions,
  before: Known | undefined,
): Promise<{ known: Known; facts: Facts } | undefined> {
  const { python, settings } = options;
  const given = digest(entity);
  const etag = before?.given === given ? before.etag : undefined;

  const location = repository(entity, options.integrations);
  const tree = await within(settings.readTimeoutMs, signal =>
    urlReader.readTree(location, { etag, signal }),
  ).catch(error => {
    if (isError(error) && error.name === 'NotModifiedError') return undefined;
    throw error;
  });
  if (!tree) return undefined;

  const folder = await mkdtemp(join(tmpdir(), 'goldenpath-source-'));
  const remove = () =>
    rm(folder, { recursive: true, force: true, maxRetries: 3 });
  const unpacking = tree.dir({ targetDir: folder });
  try {
    const path = await within(settings.readTimeoutMs, () => unpacking);
    const { report } = await check(python, {
      path,
      contract: settings.contract,
      component: stringifyEntityRef(entity),
      entity: entity as unknown as JsonObject,
    });
    const kept = forReaders(report, location);
    return {
      known: { etag: tree.etag, given },
      facts: facts(kept, settings),
    };
  } finally {
    // One that took too long goes on, and makes anew what is removed.
    unpacking.then(remove, remove).catch(() => undefined);
    await remove();
  }
}

/** The root of the repository that an entity's source is in: pipelines and owners of code lie there, not beside it. */
function repository(
  entity: Entity,
  integrations: ScmIntegrationRegistry,
): string {
  const { type, target } = getEntitySourceLocation(entity);
  if (type !== 'url') {
    throw new NotFoundError(`its source is a ${type}, and no address`);
  }
  // Gitea's integration takes the branch for a part of the path.
  const gitea = /^.*?\/src\/(?:branch|tag|commit)\/[^/]+\//.exec(target)?.[0];
  return integrations.byUrl(target)?.type === 'gitea' && gitea
    ? gitea
    : integrations.resolveUrl({ url: '/', base: target });
}

/** Speaks of where the source is and of a clone of it, not of the folder here that is gone in a moment. */
function forReaders(report: Report, location: string): Report {
  const components = report.components.map(({ next, ...rest }) => ({
    ...rest,
    next: next && { ...next, command: `goldenpath explain ${next.check} .` },
  }));
  const source = { ...report.repository, location };
  return { ...report, repository: source, components };
}

function facts(report: Report, settings: Settings): Facts {
  const [component] = report.components;
  if (!component) {
    throw new NotFoundError('goldenpath finds no such component in its source');
  }
  const verdicts = new Map(
    component.checks.map(result => [result.id, verdict(result)]),
  );
  return {
    ...Object.fromEntries(
      settings.checks.map(id => [id, verdicts.get(id) ?? 'not-applicable']),
    ),
    tier: component.tier ?? '',
    reason: '',
    report: report as unknown as JsonObject,
  };
}

function verdict({ verdict: found, waiver }: CheckResult): string {
  return waiver?.state === 'granted' ? 'waived' : found;
}

function unknown(settings: Settings, reason: string): Facts {
  return {
    ...Object.fromEntries(settings.checks.map(id => [id, 'unknown'])),
    tier: '',
    reason,
    report: null,
  };
}

function schema({ checks }: Settings): FactRetriever['schema'] {
  const verdicts = checks.map(id => [
    id,
    {
      type: 'string' as const,
      description: `Whether ${id} is met: pass, fail, unknown, not-applicable or waived`,
    },
  ]);
  return {
    ...Object.fromEntries(verdicts),
    tier: {
      type: 'string',
      description: 'The tier that is reached; empty where there is none',
    },
    reason: {
      type: 'string',
      description: 'Why it could not be judged; empty where it was',
    },
    report: {
      type: 'object',
      description:
        'The whole report, as `goldenpath check --format json` has it',
    },
  };
}

function digest(entity: Entity): string {
  const day = new Date().toISOString().slice(0, 10);
  return createHash('sha256')
    .update(JSON.stringify([day, entity]))
    .digest('hex');
}

/** Gives up after some time, whether or not what is waited for listens to the signal. */
async function within<T>(
  milliseconds: number,
  wait: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const signal = AbortSignal.timeout(milliseconds);
  return Promise.race([
    wait(signal),
    new Promise<never>((_, reject) =>
      signal.addEventListener('abort', () =>
        reject(
          new Error(
            `its source was not read within ${milliseconds / 1000} seconds`,
          ),
        ),
      ),
    ),
  ]);
}
