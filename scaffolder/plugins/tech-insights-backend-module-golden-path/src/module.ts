import {
  coreServices,
  createBackendModule,
} from '@backstage/backend-plugin-api';
import { ScmIntegrations } from '@backstage/integration';
import { catalogServiceRef } from '@backstage/plugin-catalog-node';
import { techInsightsFactRetrieversExtensionPoint } from '@backstage-community/plugin-tech-insights-node';
import { Python } from '@goldenpath/backstage-plugin-golden-path-node';
import { createGoldenPathFactRetriever, RETRIEVER_ID } from './factRetriever';
import { readSettings } from './settings';

/**
 * Registers the golden path's fact retriever with Tech Insights.
 *
 * @public
 */
export const techInsightsModuleGoldenPath = createBackendModule({
  pluginId: 'tech-insights',
  moduleId: 'golden-path',
  register({ registerInit }) {
    registerInit({
      deps: {
        retrievers: techInsightsFactRetrieversExtensionPoint,
        auth: coreServices.auth,
        catalog: catalogServiceRef,
        config: coreServices.rootConfig,
        logger: coreServices.logger,
      },
      async init({ retrievers, auth, catalog, config, logger }) {
        const retriever = createGoldenPathFactRetriever({
          auth,
          catalog,
          integrations: ScmIntegrations.fromConfig(config),
          python: Python.fromConfig(config),
          settings: readSettings(config),
        });
        // Tech Insights drops a retriever without a schedule, and says nothing.
        if (!config.has(`techInsights.factRetrievers.${RETRIEVER_ID}`)) {
          logger.warn(
            `No component is judged: techInsights.factRetrievers.${RETRIEVER_ID} has no cadence`,
          );
        }
        retrievers.addFactRetrievers({ [RETRIEVER_ID]: retriever });
      },
    });
  },
});
