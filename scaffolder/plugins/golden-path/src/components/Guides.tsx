import {
  configApiRef,
  useApi,
  useRouteRef,
} from '@backstage/frontend-plugin-api';
import {
  catalogApiRef,
  entityRouteParams,
} from '@backstage/plugin-catalog-react';
import { createContext, ReactNode, useContext } from 'react';
import useAsync from 'react-use/esm/useAsync';
import { guidePage, webAddress } from '../links';
import { docsRouteRef } from '../routes';

const TECHDOCS = 'backstage.io/techdocs-ref';
const OWN_DOCUMENTATION = 'component:default/goldenpath';

/** Where the portal has the golden path's documentation; nowhere, where it has not. */
const Documentation = createContext<string | undefined>(undefined);

/** Finds out, once for all that is in it, whether the guides of checks can be read in the portal itself. */
export const WithGuides = ({ children }: { children: ReactNode }) => {
  const catalog = useApi(catalogApiRef);
  const config = useApi(configApiRef);
  const docs = useRouteRef(docsRouteRef);
  const ref =
    config.getOptionalString('goldenpath.documentation') ?? OWN_DOCUMENTATION;
  const { value: entity } = useAsync(
    () => catalog.getEntityByRef(ref),
    [catalog, ref],
  );
  const isRead = entity?.metadata.annotations?.[TECHDOCS];
  return (
    <Documentation.Provider
      value={isRead ? docs?.(entityRouteParams(entity)) : undefined}
    >
      {children}
    </Documentation.Provider>
  );
};

interface Guide {
  href: string;
  target?: '_blank';
  rel?: 'noopener';
}

/** What a link to the guide of a check has: to the portal's own page, or to another tab with the address of a report. */
export function useGuide(
  address: string | null | undefined,
): Guide | undefined {
  const documentation = useContext(Documentation);
  const page = documentation && guidePage(address);
  if (page) return { href: `${documentation}/${page}` };
  const href = webAddress(address);
  return href ? { href, target: '_blank', rel: 'noopener' } : undefined;
}
