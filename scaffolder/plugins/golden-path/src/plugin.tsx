import { createFrontendPlugin } from '@backstage/frontend-plugin-api';

/** @public */
export const goldenPathPlugin = createFrontendPlugin({
  pluginId: 'golden-path',
  extensions: [],
});
