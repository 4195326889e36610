import {
  coreServices,
  createBackendModule,
} from '@backstage/backend-plugin-api';
import { Config } from '@backstage/config';
import { ScmIntegrations } from '@backstage/integration';
import { scaffolderActionsExtensionPoint } from '@backstage/plugin-scaffolder-node';
import { scaffolderTemplatingExtensionPoint } from '@backstage/plugin-scaffolder-node/alpha';
import { Python } from '@goldenpath/backstage-plugin-golden-path-node';
import { createAdoptAction } from './actions/adopt';
import { createCheckAction } from './actions/check';
import { createCopierCopyAction } from './actions/copierCopy';
import { createPublishedAction } from './actions/published';
import { createFileUrlFilter, createIntegrationTypeFilter } from './filters';
import { TemplateSource } from './TemplateSource';

const LOSES_WORKSPACES =
  "scaffolder.taskRecovery is enabled without a workspaceProvider: a task that is run again skips what rendered and judged its files, which are gone, and publishes nothing in their place. Name a workspaceProvider, or leave taskRecovery off: the golden path's templates can be run again without it.";

/** Whether the scaffolder keeps which steps are done, and not what they made. */
function losesWorkspaces(config: Config): boolean {
  const recovery = config.getOptionalConfig('scaffolder.taskRecovery');
  return Boolean(
    recovery?.getOptionalBoolean('enabled') &&
      !recovery.getOptionalString('workspaceProvider'),
  );
}

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
        logger: coreServices.logger,
      },
      async init({ actions, templating, config, logger }) {
        if (losesWorkspaces(config)) logger.warn(LOSES_WORKSPACES);
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
          createPublishedAction({ python, integrations }),
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
