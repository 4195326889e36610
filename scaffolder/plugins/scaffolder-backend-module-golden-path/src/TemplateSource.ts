import { Config } from '@backstage/config';
import { InputError, NotAllowedError } from '@backstage/errors';
import {
  DefaultGithubCredentialsProvider,
  DefaultGitlabCredentialsProvider,
  ScmIntegrationRegistry,
} from '@backstage/integration';

const DEFAULT_HOSTS = ['github.com'];

/** Where templates may come from, and how git is let in there. */
export class TemplateSource {
  static fromConfig(config: Config, integrations: ScmIntegrationRegistry) {
    return new TemplateSource(
      config.getOptionalStringArray('goldenpath.templates.allowedHosts') ??
        DEFAULT_HOSTS,
      integrations,
    );
  }

  readonly #origins: Set<string>;

  constructor(
    private readonly hosts: string[],
    private readonly integrations: ScmIntegrationRegistry,
  ) {
    this.#origins = new Set(
      hosts.map(host =>
        host.startsWith('http://') ? host : `https://${host}`,
      ),
    );
  }

  /** The address of a template's repository. Throws where that may not be fetched. */
  allowed(address: string): URL {
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
    if (!this.#origins.has(url.origin)) {
      throw new NotAllowedError(
        `Templates may not come from ${
          url.origin
        }: goldenpath.templates.allowedHosts has ${this.hosts.join(', ')}`,
      );
    }
    return url;
  }

  /**
   * The environment that lets git read there and nowhere else. What it holds is seen by git alone: it stands in no
   * address, no argument and no file.
   */
  async environment(url: URL): Promise<Record<string, string>> {
    const protocol = url.protocol.replace(':', '');
    const authorization = await this.#authorization(url);
    return {
      GIT_ALLOW_PROTOCOL: protocol,
      ...(authorization && {
        GIT_CONFIG_COUNT: '1',
        GIT_CONFIG_KEY_0: `http.${url.origin}/.extraHeader`,
        GIT_CONFIG_VALUE_0: `Authorization: ${authorization}`,
      }),
    };
  }

  async #authorization(url: URL): Promise<string | undefined> {
    const { integrations } = this;
    const integration = integrations.byHost(url.host);
    switch (integration?.type) {
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
}

function basic(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}
