/** Errors as RFC 9457 problem details: one shape, one media type, whatever went wrong. */

import { STATUS_CODES } from 'node:http';
import { Type, type Static } from '@fastify/type-provider-typebox';
import { trace } from '@opentelemetry/api';
import type {
  FastifyError,
  FastifyInstance,
  FastifyReply,
  FastifyRequest,
  FastifySchemaValidationError,
} from 'fastify';

export const MEDIA_TYPE = 'application/problem+json';

/** One thing wrong with a request, and where. */
export const InvalidInput = Type.Object({
  detail: Type.String(),
  pointer: Type.Optional(
    Type.String({
      description: 'JSON Pointer into the body of the request.',
      examples: ['#/lines/0/quantity'],
    }),
  ),
  parameter: Type.Optional(
    Type.String({
      description: 'Name of the path, query or header parameter.',
      examples: ['limit'],
    }),
  ),
});
export type InvalidInput = Static<typeof InvalidInput>;

export const Problem = Type.Object(
  {
    type: Type.String({ default: 'about:blank', description: 'What kind of problem, as a URI.' }),
    title: Type.String({ examples: ['Not Found'] }),
    status: Type.Integer({ minimum: 400, maximum: 599, examples: [404] }),
    detail: Type.Optional(Type.String()),
    instance: Type.Optional(Type.String({ examples: ['/v1/orders/unknown'] })),
    request_id: Type.Optional(Type.String({ description: 'Quote it when you ask for help.' })),
    errors: Type.Optional(Type.Array(InvalidInput)),
  },
  { $id: 'Problem', description: 'Problem details (RFC 9457).' },
);
export type Problem = Static<typeof Problem>;

/** Throw it where a request cannot be served; the client receives it as a problem. */
export class ProblemError extends Error {
  readonly status: number;
  readonly errors: InvalidInput[];

  constructor(status: number, detail: string, errors: InvalidInput[] = []) {
    super(detail);
    this.status = status;
    this.errors = errors;
  }
}

/** Node.js still has the names of RFC 7231. */
const TITLES: Record<number, string> = {
  ...STATUS_CODES,
  413: 'Content Too Large',
  422: 'Unprocessable Content',
};

/** Let every error of `app` leave as a problem. */
export function addProblemHandlers(app: FastifyInstance): void {
  const methods = new Map<string, string[]>();
  app.addHook('onRoute', ({ url, method }) => {
    methods.set(url, [...(methods.get(url) ?? []), ...[method].flat()]);
  });
  app.setNotFoundHandler((request, reply) => {
    const allowed = [...methods].filter(([url]) => matches(url, pathOf(request)));
    if (allowed.length === 0) return sendProblem(request, reply, 404);
    const names = allowed.flatMap(([, each]) => each).sort();
    return sendProblem(request, reply.header('allow', names.join(', ')), 405);
  });
  app.setErrorHandler<FastifyError | ProblemError>((error, request, reply) => {
    if (error instanceof ProblemError) {
      return sendProblem(request, reply, error.status, error.message, error.errors);
    }
    if (error.validation) {
      const errors = error.validation.flatMap((each) =>
        locate(each, error.validationContext === 'body'),
      );
      return sendProblem(request, reply, 422, 'The request does not match the schema.', errors);
    }
    if (error.code === 'FST_ERR_CTP_INVALID_JSON_BODY')
      return sendProblem(request, reply, 400, 'The body is not JSON.');
    if (error.statusCode && error.statusCode < 500) {
      return sendProblem(request, reply, error.statusCode, error.message);
    }
    trace.getActiveSpan()?.recordException(error);
    request.log.error(error, 'unhandled exception');
    return sendProblem(request, reply, 500);
  });
}

/** Whether a path is one of a route's, whose parameters are `:name`. */
function matches(url: string, path: string): boolean {
  const [wanted, given] = [url.split('/'), path.split('/')];
  return (
    wanted.length === given.length &&
    wanted.every(
      (step, index) => step === given[index] || (step.startsWith(':') && given[index] !== ''),
    )
  );
}

/** The path of a request, never its query, which may hold what nobody should read. */
export function pathOf(request: FastifyRequest): string {
  return request.url.split('?', 1)[0] ?? '';
}

/** Render a problem; `detail` is for the client's eyes, and says nothing of the inside. */
export function sendProblem(
  request: FastifyRequest,
  reply: FastifyReply,
  status: number,
  detail?: string,
  errors: InvalidInput[] = [],
): FastifyReply {
  const problem: Problem = {
    type: 'about:blank',
    title: TITLES[status] ?? 'Error',
    status,
    ...(detail && { detail }),
    instance: pathOf(request),
    request_id: request.id,
    ...(errors.length > 0 && { errors }),
  };
  return reply.code(status).type(MEDIA_TYPE).serializer(JSON.stringify).send(problem);
}

/** Turn a validator's finding into a JSON Pointer (RFC 6901), or into a parameter's name. */
function locate(finding: FastifySchemaValidationError, inBody: boolean): InvalidInput[] {
  // What is false is the schema of an additional property, which has a finding of its own.
  if (finding.keyword === 'boolean') return [];
  const { requiredProperties = [], additionalProperties = [] } = finding.params as {
    requiredProperties?: string[];
    additionalProperties?: string[];
  };
  const steps = [...requiredProperties, ...additionalProperties].map(
    (name) => `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`,
  );
  const paths = (steps.length > 0 ? steps : ['']).map((step) => finding.instancePath + step);
  const detail = finding.message ?? 'is not valid';
  return paths.map((path) =>
    inBody ? { detail, pointer: `#${path}` } : { detail, parameter: path.slice(1) },
  );
}

/** Document problems in OpenAPI: the responses of a route that may answer so. */
export function problemResponses<Status extends number>(...statuses: Status[]) {
  return Object.fromEntries(
    statuses.map((status) => [
      status,
      {
        description: TITLES[status] ?? 'Error',
        content: { [MEDIA_TYPE]: { schema: Type.Ref('Problem') } },
      },
    ]),
  );
}
