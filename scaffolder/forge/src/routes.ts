import { IncomingMessage, ServerResponse } from 'node:http';

export const NAME = '[A-Za-z0-9][A-Za-z0-9._-]*';
export const REPOSITORY = `(?<owner>${NAME})/(?<repo>${NAME}?)`;

export interface Asked {
  owner: string;
  repo: string;
  ref: string;
  path: string;
  number: string;
}

/** What somebody asked to be merged, whatever the host calls that. */
export interface PullRequest {
  owner: string;
  repo: string;
  title: string;
  body: string;
  head: string;
  base: string;
}

export type Handler = (
  request: IncomingMessage,
  response: ServerResponse,
  asked: Asked & { url: URL; folder: string },
) => Promise<void>;

export function json(
  response: ServerResponse,
  status: number,
  content: unknown,
) {
  response.writeHead(status, { 'Content-Type': 'application/json' });
  response.end(JSON.stringify(content));
}

async function body(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** What a request holds as JSON. */
export async function sent(request: IncomingMessage): Promise<any> {
  return JSON.parse((await body(request)).toString());
}
