import { createApp } from '@backstage/frontend-defaults';

/** What is in it says package.json: every plugin among its dependencies is found (`app.packages: all`). */
export const app = createApp();
