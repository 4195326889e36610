import { execFile } from 'node:child_process';
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { git } from 'forge';
import { Portal, PYTHON, until } from './portal';
import { descendants, memoryOf } from './processes';

const execute = promisify(execFile);

/** The one whose source is never given. */
export const HANGING = 'service-0';

/** How the backend fared while it judged every component once. */
export interface Scan {
  seconds: number;
  /** The most that the backend itself held, in MiB. */
  backend: number;
  /** The most that all that it had started held, in MiB. */
  children: number;
  /** What was asked of the components' repositories. */
  asked: string[];
}

/** A configuration by which a source that hangs is given up after these seconds. */
export async function impatience(folder: string, seconds: number) {
  const file = join(folder, 'app-config.impatient.yaml');
  await mkdir(folder, { recursive: true });
  await writeFile(
    file,
    `goldenpath: { scan: { timeout: { seconds: ${seconds} } } }\n`,
  );
  return file;
}

/** Puts so many services, each with a repository of its own, into the catalog of a portal in that folder. */
export async function populate(portal: Portal, folder: string, count: number) {
  const names = [...Array(count).keys()].map(number => `service-${number}`);
  const service = join(folder, 'service');
  const answers = [
    'template=python-service',
    'name=service',
    'owner=payments',
    'oncall=PABC123',
    'chat=payments',
  ];
  await execute(PYTHON, [
    ...['-m', 'copier', 'copy', '--quiet', '--defaults', '--vcs-ref', 'v1.0.0'],
    ...answers.flatMap(answer => ['--data', answer]),
    ...[portal.suite, service],
  ]);
  await git(service, 'init', '--quiet', '--initial-branch=main');
  await git(service, 'add', '--all');
  await git(service, 'commit', '--quiet', '--message=feat: begin');
  await portal.forge.push(service, 'acme', 'service', 'main');
  const repository = (name: string) =>
    join(folder, 'forge', 'acme', `${name}.git`);
  for (const name of names) {
    await cp(repository('service'), repository(name), { recursive: true });
  }

  portal.forge.hangs = new RegExp(`acme/${HANGING}[/.]|acme%2F${HANGING}\\b`);
  await register(portal, folder, names);
}

/** Puts components with these names, whose repositories have them too, into the catalog. */
export async function register(
  portal: Portal,
  folder: string,
  names: string[],
) {
  const fleet = join(folder, 'fleet');
  await git(folder, 'init', '--quiet', '--initial-branch=main', fleet);
  const entities = names.map(name => ({
    apiVersion: 'backstage.io/v1alpha1',
    kind: 'Component',
    metadata: {
      name,
      annotations: {
        'backstage.io/source-location': `url:${portal.forge.url}/acme/${name}/src/branch/main/`,
      },
    },
    spec: { type: 'service', lifecycle: 'production', owner: 'payments' },
  }));
  const documents = entities
    .map(entity => JSON.stringify(entity))
    .join('\n---\n');
  await writeFile(join(fleet, 'catalog-info.yaml'), documents);
  await git(fleet, 'add', '--all');
  await git(fleet, 'commit', '--quiet', '--message=feat: begin');
  await portal.forge.push(fleet, 'platform', 'fleet', 'main');
  await portal.ask('catalog/locations', {
    type: 'url',
    target: `${portal.forge.url}/platform/fleet/src/branch/main/catalog-info.yaml`,
  });
  await until(`${names.length} components are there`, 120, async () => {
    const found: any[] = await portal.ask(
      'catalog/entities?filter=kind=component&fields=metadata.name',
    );
    const there = new Set(found.map(({ metadata }) => metadata.name));
    return names.every(name => there.has(name));
  });
}

/** Has every component judged, and watches. */
export async function scan(portal: Portal, seconds: number): Promise<Scan> {
  const asked: string[] = [];
  portal.forge.onRequest = what => {
    if (/\bacme\/service-/.test(decodeURIComponent(what))) asked.push(what);
  };
  const backend = portal.backend.pid!;
  const peak = { backend: 0, children: 0 };
  const start = Date.now();
  await portal.ask(
    'tech-insights/.backstage/scheduler/v1/tasks/goldenpath/trigger',
    {},
  );
  await until('every component is judged', seconds, async () => {
    peak.backend = Math.max(peak.backend, await memoryOf(backend));
    const children = (await descendants(backend)).reduce(
      (sum, { memory }) => sum + memory,
      0,
    );
    peak.children = Math.max(peak.children, children);
    const found = await factsOf(portal, HANGING);
    return found && Date.parse(found.timestamp) >= start;
  });
  portal.forge.onRequest = undefined;
  return { seconds: (Date.now() - start) / 1000, ...peak, asked };
}

/** The latest facts of a component, where there are some. */
export async function factsOf(portal: Portal, name: string) {
  const { goldenpath } = await portal.ask(
    `tech-insights/facts/latest?entity=component:default/${name}&ids=goldenpath`,
  );
  return goldenpath;
}
