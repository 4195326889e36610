import { Config } from '@backstage/config';
import { NotAllowedError } from '@backstage/errors';
import { repositoryAddress } from './git';

const DEFAULT_HOSTS = ['github.com'];

/** Where templates may come from. */
export class TemplateSource {
  static fromConfig(config: Config) {
    return new TemplateSource(
      config.getOptionalStringArray('goldenpath.templates.allowedHosts') ??
        DEFAULT_HOSTS,
    );
  }

  readonly #origins: Set<string>;

  constructor(private readonly hosts: string[]) {
    this.#origins = new Set(
      hosts.map(host =>
        host.startsWith('http://') ? host : `https://${host}`,
      ),
    );
  }

  /** The address of a template's repository. Throws where that may not be fetched. */
  allowed(address: string): URL {
    const url = repositoryAddress(address);
    if (!this.#origins.has(url.origin)) {
      throw new NotAllowedError(
        `Templates may not come from ${
          url.origin
        }: goldenpath.templates.allowedHosts has ${this.hosts.join(', ')}`,
      );
    }
    return url;
  }
}
