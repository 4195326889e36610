import { HumanDuration } from '@backstage/types';

export interface Config {
  goldenpath?: {
    /**
     * The Python that has goldenpath and Copier installed: a path, or a name on PATH. Default: python3.
     */
    python?: string;

    /**
     * How long one run of Copier or goldenpath may take. Default: 5 minutes.
     */
    timeout?: HumanDuration | string;

    /**
     * The platform contract to judge by: a name or a file. Default: the one that the repository names, else goldenpath's own.
     */
    contract?: string;
  };
}
