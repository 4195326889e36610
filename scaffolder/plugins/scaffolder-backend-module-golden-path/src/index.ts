/**
 * Scaffolder actions that render a service with Copier, and refuse to publish what is below its tier.
 *
 * @packageDocumentation
 */

export { scaffolderModuleGoldenPath as default } from './module';
export { createAdoptAction } from './actions/adopt';
export { createCheckAction } from './actions/check';
export { createCopierCopyAction } from './actions/copierCopy';
export { createPublishedAction } from './actions/published';
