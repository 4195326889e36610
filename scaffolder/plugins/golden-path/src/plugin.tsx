import {
  ApiBlueprint,
  createFrontendPlugin,
  discoveryApiRef,
  ExternalRouteRef,
  fetchApiRef,
  OverridableFrontendPlugin,
  PageBlueprint,
  RouteRef,
} from '@backstage/frontend-plugin-api';
import {
  EntityCardBlueprint,
  EntityContentBlueprint,
} from '@backstage/plugin-catalog-react/alpha';
import { RiMedalLine } from '@remixicon/react';
import { goldenPathApiRef, TechInsightsClient } from './api/GoldenPathApi';
import { docsRouteRef, rootRouteRef } from './routes';

const api = ApiBlueprint.make({
  params: defineParams =>
    defineParams({
      api: goldenPathApiRef,
      deps: { discovery: discoveryApiRef, fetcher: fetchApiRef },
      factory: ({ discovery, fetcher }) =>
        new TechInsightsClient(discovery, fetcher),
    }),
});

const tab = EntityContentBlueprint.make({
  name: 'scorecard',
  params: {
    path: '/scorecard',
    title: 'Scorecard',
    filter: { kind: 'component' },
    loader: () =>
      import('./components/ScorecardTab').then(({ ScorecardTab }) => (
        <ScorecardTab />
      )),
  },
});

const card = EntityCardBlueprint.make({
  name: 'scorecard',
  params: {
    type: 'info',
    filter: { kind: 'component' },
    loader: () =>
      import('./components/ScorecardCard').then(({ ScorecardCard }) => (
        <ScorecardCard />
      )),
  },
});

const page = PageBlueprint.make({
  params: {
    path: '/golden-path',
    title: 'Golden path',
    icon: <RiMedalLine />,
    routeRef: rootRouteRef,
    loader: () =>
      import('./components/ComponentsPage').then(({ ComponentsPage }) => (
        <ComponentsPage />
      )),
  },
});

/**
 * The scorecard of each component as a tab and a card, and a page of all of them.
 *
 * @public
 */
export const goldenPathPlugin: OverridableFrontendPlugin<
  { root: RouteRef },
  { docs: ExternalRouteRef }
> = createFrontendPlugin({
  pluginId: 'golden-path',
  title: 'Golden path',
  icon: <RiMedalLine />,
  routes: { root: rootRouteRef },
  externalRoutes: { docs: docsRouteRef },
  extensions: [api, tab, card, page],
});
