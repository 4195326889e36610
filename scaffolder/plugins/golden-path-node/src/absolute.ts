import { resolve } from 'node:path';

/**
 * What looks like a path, as goldenpath's command line sees it, is one from where the backend runs, wherever a program
 * is run; a name stays one.
 */
export function absolute(pathOrName: string): string {
  return /\/|\.ya?ml$/.test(pathOrName) ? resolve(pathOrName) : pathOrName;
}
