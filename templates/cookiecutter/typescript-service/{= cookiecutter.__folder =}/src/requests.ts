/** What surrounds every request: its id, its log line, and its route in telemetry. */

import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { context } from '@opentelemetry/api';
import { getRPCMetadata, RPCType } from '@opentelemetry/core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { pathOf } from './problems.ts';
import { PROBES } from './telemetry.ts';

const REQUEST_ID_HEADER = 'x-request-id';
const ACCEPTED_ID = /^[A-Za-z0-9._-]{1,128}$/;

/** Keep the caller's id if it is harmless in logs and headers; else make one. */
export function requestId(request: Pick<IncomingMessage, 'headers'>): string {
  const proposed = request.headers[REQUEST_ID_HEADER];
  return typeof proposed === 'string' && ACCEPTED_ID.test(proposed)
    ? proposed
    : randomUUID().replaceAll('-', '');
}

/** Name a request, and log it once: when its connection is done with it, however that came about. */
export function surround(request: FastifyRequest, reply: FastifyReply): void {
  void reply.header(REQUEST_ID_HEADER, request.id);
  nameRoute(request);
  reply.raw.once('close', () => {
    logRequest(request, reply);
  });
}

/** Leave out the charset that Fastify appends to every JSON: there is none to choose (RFC 8259). */
export function leaveOutCharset(reply: FastifyReply): void {
  const type = String(reply.getHeader('content-type'));
  if (type.endsWith('json; charset=utf-8')) void reply.type(type.slice(0, type.indexOf(';')));
}

/** Tell the instrumentation of Node.js's http which route it is; a made-up path is none. */
function nameRoute(request: FastifyRequest): void {
  const metadata = getRPCMetadata(context.active());
  const route = request.routeOptions.url?.replaceAll(/:(\w+)/g, '{$1}');
  if (metadata?.type === RPCType.HTTP && route) metadata.route = route;
}

function logRequest(request: FastifyRequest, reply: FastifyReply): void {
  const path = pathOf(request);
  // The client, gone before the answer, got no status.
  const status = reply.raw.writableFinished ? reply.statusCode : null;
  const failed = status === null || status >= 500;
  const level = failed ? 'error' : PROBES.has(path) ? 'debug' : 'info';
  request.log[level](
    {
      'http.request.method': request.method,
      'url.path': path,
      'http.response.status_code': status,
      duration_ms: Math.round(reply.elapsedTime * 1000) / 1000,
    },
    'request',
  );
}
