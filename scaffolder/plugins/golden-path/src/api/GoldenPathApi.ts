import { ResponseError } from '@backstage/errors';
import {
  createApiRef,
  DiscoveryApi,
  FetchApi,
} from '@backstage/frontend-plugin-api';
import { Facts } from './report';

/** The id of the fact retriever, which the backend's module has. */
const RETRIEVER = 'goldenpath';

/** What was found at some time. */
export interface Judged {
  at: string;
  facts: Facts;
}

/** Reads what goldenpath found of components. */
export interface GoldenPathApi {
  /** The newest verdicts of a component; nothing where it was never judged. */
  latest(entityRef: string): Promise<Judged | undefined>;
  /** All verdicts since some day that are still kept, the oldest first. */
  history(entityRef: string, since: Date): Promise<Judged[]>;
}

export const goldenPathApiRef = createApiRef<GoldenPathApi>({
  id: 'plugin.golden-path.service',
});

interface TechInsightsFact {
  timestamp: string;
  facts: Facts;
}

/** Reads them from Tech Insights, of whose REST API it asks for facts and nothing else. */
export class TechInsightsClient implements GoldenPathApi {
  constructor(
    private readonly discovery: DiscoveryApi,
    private readonly fetcher: FetchApi,
  ) {}

  async latest(entity: string): Promise<Judged | undefined> {
    const found = await this.#ask<TechInsightsFact>('latest', { entity });
    return found && judged(found);
  }

  async history(entity: string, since: Date): Promise<Judged[]> {
    const found = await this.#ask<TechInsightsFact[]>('range', {
      entity,
      startDatetime: since.toISOString(),
      endDatetime: new Date().toISOString(),
    });
    return (found ?? [])
      .map(judged)
      .sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
  }

  async #ask<T>(
    what: string,
    query: Record<string, string>,
  ): Promise<T | undefined> {
    const base = await this.discovery.getBaseUrl('tech-insights');
    const parameters = new URLSearchParams({ ...query, ids: RETRIEVER });
    const response = await this.fetcher.fetch(
      `${base}/facts/${what}?${parameters}`,
    );
    if (!response.ok) throw await ResponseError.fromResponse(response);
    return (await response.json())[RETRIEVER];
  }
}

function judged({ timestamp, facts }: TechInsightsFact): Judged {
  return { at: timestamp, facts };
}
