import {
  coreServices,
  createBackendModule,
} from '@backstage/backend-plugin-api';
import { ScmIntegrations } from '@backstage/integration';
import { scaffolderActionsExtensionPoint } from '@backstage/plugin-scaffolder-node';
import { scaffolderTemplatingExtensionPoint } from '@backstage/plugin-scaffolder-node/alpha';
import { Python } from '@goldenpath/backstage-plugin-golden-path-node';
import { createAdoptAction } from './actions/adopt';
import { createCheckAction } from './actions/check';
import { createCopierCopyAction } from './actions/copierCopy';
import { createFileUrlFilter, createIntegrationTypeFilter } from './filters';
import { TemplateSource } from './TemplateSource';

/**
 * Registers the golden path's actions with the scaffolder.
 *
 * @public
 */
export const scaffolderModuleGoldenPath = createBackendModule({
  pluginId: 'scaffolder',
  moduleId: 'golden-path',
  register({ registerInit }) {
    registerInit({
      deps: {
        actions: scaffolderActionsExtensionPoint,
        templating: scaffolderTemplatingExtensionPoint,
        config: coreServices.rootConfig,
      },
      async init({ actions, templating, config }) {
        const integrations = ScmIntegrations.fromConfig(config);
        const source = TemplateSource.fromConfig(config);
        const python = Python.fromConfig(config);
        const contract = config.getOptionalString('goldenpath.contract');
        actions.addActions(
          createCopierCopyAction({
            python,
            integrations,
            source,
          }),
          createCheckAction({ python, contract }),
          createAdoptAction({ python, integrations, source, contract }),
        );
        templating.addTemplateFilters([
          createIntegrationTypeFilter(integrations),
          createFileUrlFilter(),
        ]);
      },
    });
  },
});
