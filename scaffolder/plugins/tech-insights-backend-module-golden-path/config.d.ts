import { HumanDuration } from '@backstage/types';

export interface Config {
  goldenpath?: {
    /**
     * What the contract asks, made by `goldenpath contract export tech-insights`.
     */
    scorecard?: {
      /** The contract's version: facts of another one have another schema. */
      version: string;
      /** From the lowest to the highest. */
      tiers: string[];
      /** The ids of all checks. */
      checks: string[];
    };

    scan?: {
      /** How many components are judged at the same time. Default: 2. */
      parallel?: number;
      /** How long reading one component's source may take. Default: 2 minutes. */
      timeout?: HumanDuration | string;
    };
  };
}
