import { Entity, getEntitySourceLocation } from '@backstage/catalog-model';
import { ScmIntegrationRegistry } from '@backstage/integration';
import { Evidence } from './api/report';

/** The address, if it is one of the web: what a report or a catalog says is not to be trusted with another scheme. */
export function webAddress(
  address: string | null | undefined,
): string | undefined {
  if (!address || !URL.canParse(address)) return undefined;
  const { protocol, href } = new URL(address);
  return ['https:', 'http:'].includes(protocol) ? href : undefined;
}

// As goldenpath's reports give it, and mkdocs.yml puts it on a site.
const GUIDE =
  /^https:\/\/github\.com\/goldenpath-dev\/goldenpath\/blob\/main\/docs\/(?<page>checks\/[a-z0-9-]+)\.md$/;

/** The page of a check's guide in the golden path's own documentation; nothing of a guide that is elsewhere. */
export function guidePage(
  address: string | null | undefined,
): string | undefined {
  return GUIDE.exec(address ?? '')?.groups?.page;
}

/** Where evidence can be looked at: its line in the entity's own repository, if the host of that is a known one. */
export function evidenceAddress(
  entity: Entity,
  { path, line, role, source }: Evidence,
  integrations: ScmIntegrationRegistry,
): string | undefined {
  if (source || !path || role === 'missing') return undefined;
  const base = sourceOf(entity);
  const integration = base && integrations.byUrl(base);
  if (!integration) return undefined;
  const url = `/${path.split('/').map(encodeURIComponent).join('/')}`;
  const lineNumber = line || undefined;
  // Gitea's integration takes the branch for a part of the path.
  const root = /^.*?\/src\/(?:branch|tag|commit)\/[^/]+\//.exec(base)?.[0];
  if (integration.type === 'gitea' && root) {
    return webAddress(`${root}${url.slice(1)}${line ? `#L${line}` : ''}`);
  }
  return webAddress(integrations.resolveUrl({ url, base, lineNumber }));
}

function sourceOf(entity: Entity): string | undefined {
  try {
    const { type, target } = getEntitySourceLocation(entity);
    return type === 'url' ? target : undefined;
  } catch {
    return undefined;
  }
}
