import { InputError } from '@backstage/errors';
import {
  DefaultGithubCredentialsProvider,
  DefaultGitlabCredentialsProvider,
  ScmIntegrationRegistry,
} from '@backstage/integration';
import { parseRepoUrl } from '@backstage/plugin-scaffolder-node';
import { Python } from '@goldenpath/backstage-plugin-golden-path-node';

/** The address of a git repository, and nothing beside it. Throws where it is something else. */
export function repositoryAddress(address: string): URL {
  let url: URL;
  try {
    url = new URL(address);
  } catch {
    throw new InputError(
      'url is not an address: give that of a git repository, as in https://github.com/acme/golden-path',
    );
  }
  if (url.username || url.password || url.search || url.hash) {
    throw new InputError(
      `url holds more than a repository of ${url.host}: leave user, password, ? and # away (the integration for that host lets git in)`,
    );
  }
  return url;
}

/** The address of a repository of one of the integrations, given as the RepoUrlPicker gives it. */
export function addressOf(
  repoUrl: string,
  integrations: ScmIntegrationRegistry,
): URL {
  const { host, owner, repo } = parseRepoUrl(repoUrl, integrations);
  if (!integrations.byHost(host) || !owner) {
    throw new InputError(
      `${host} is not among the integrations of this Backstage, or no owner is given`,
    );
  }
  const { config } =
    integrations.gitea.byHost(host) ?? integrations.gitlab.byHost(host) ?? {};
  const base = config?.baseUrl ?? `https://${host}`;
  return repositoryAddress(`${base}/${owner}/${repo}.git`);
}

/** Git, which ends well or rejects with what it says, and returns what it prints. */
export function gitCommand(
  python: Python,
  options: { env: Record<string, string>; signal?: AbortSignal },
): (...args: string[]) => Promise<string> {
  return async (...args) => {
    const { code, stdout, stderr } = await python.program('git', args, options);
    if (code !== 0) throw new Error(`git ${args[0]}: ${stderr.trim()}`);
    return stdout;
  };
}

/** An address as Copier knows it: it takes one for a folder where neither host nor ending says that it is git's. */
export function asCopierKnowsIt({ href, host }: URL): string {
  const address = href.replace(/\/$/, '');
  return ['github.com', 'gitlab.com'].includes(host) || address.endsWith('.git')
    ? address
    : `${address}.git`;
}

/**
 * The environment that lets git read where these addresses are. What it holds is seen by git alone: it stands in no
 * address, no argument and no file.
 */
export async function gitEnvironment(
  integrations: ScmIntegrationRegistry,
  ...urls: URL[]
): Promise<Record<string, string>> {
  const byOrigin = new Map(urls.map(url => [url.origin, url]));
  const headers: [string, string][] = [];
  for (const [origin, url] of byOrigin) {
    const authorization = await authorizationFor(url, integrations);
    if (authorization) {
      headers.push([
        `http.${origin}/.extraHeader`,
        `Authorization: ${authorization}`,
      ]);
    }
  }
  const protocols = urls.map(({ protocol }) => protocol.replace(':', ''));
  return {
    GIT_ALLOW_PROTOCOL: [...new Set(protocols)].join(':'),
    GIT_CONFIG_COUNT: String(headers.length),
    ...Object.fromEntries(
      headers.flatMap(([key, value], at) => [
        [`GIT_CONFIG_KEY_${at}`, key],
        [`GIT_CONFIG_VALUE_${at}`, value],
      ]),
    ),
  };
}

async function authorizationFor(
  url: URL,
  integrations: ScmIntegrationRegistry,
): Promise<string | undefined> {
  switch (integrations.byHost(url.host)?.type) {
    case 'github': {
      const provider =
        DefaultGithubCredentialsProvider.fromIntegrations(integrations);
      const { token } = await provider.getCredentials({ url: url.href });
      return token && basic('x-access-token', token);
    }
    case 'gitlab': {
      const provider =
        DefaultGitlabCredentialsProvider.fromIntegrations(integrations);
      const { token } = await provider.getCredentials({ url: url.href });
      return token && basic('oauth2', token);
    }
    case 'gitea': {
      const gitea = integrations.gitea.byHost(url.host)?.config;
      return gitea?.username && gitea.password
        ? basic(gitea.username, gitea.password)
        : undefined;
    }
    default:
      return undefined;
  }
}

function basic(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}
