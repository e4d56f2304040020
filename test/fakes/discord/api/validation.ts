/**
 * Holds a request to the API description: every object closed, every format known. Answers are held to it as well, so
 * that a test never learns from this server what Discord would not say.
 */
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { FormFault } from '../errors.ts';
import { amend } from './amendments.ts';
import { type DescribedOperation, readDescription } from './description.ts';

const description = amend(readDescription());

const ajv = new Ajv2020({ strict: false, allErrors: true, inlineRefs: false, validateSchema: false });
addFormats.default(ajv);
ajv.addFormat('snowflake', /^(0|[1-9][0-9]{0,19})$/);
for (const width of ['int32', 'int64', 'double', 'float', 'nonce']) ajv.addFormat(width, true);
ajv.addSchema({ $id: 'discord', components: description.components });

const compiled = new Map<string, ValidateFunction>();

function validator(key: string, schema: object): ValidateFunction {
  const known = compiled.get(key);
  if (known) return known;
  const absolute = JSON.parse(JSON.stringify(schema).replaceAll('"#/components/', '"discord#/components/')) as object;
  const made = ajv.compile(absolute);
  compiled.set(key, made);
  return made;
}

/** Discord's short codes for the commonest faults of a form. */
function faultCode({ keyword }: ErrorObject): string {
  switch (keyword) {
    case 'required':
      return 'BASE_TYPE_REQUIRED';
    case 'maxLength':
    case 'minLength':
    case 'maxItems':
    case 'minItems':
      return 'BASE_TYPE_BAD_LENGTH';
    case 'enum':
    case 'const':
      return 'BASE_TYPE_CHOICES';
    case 'pattern':
    case 'format':
      return 'STRING_TYPE_REGEX';
    case 'type':
      return 'BASE_TYPE_BAD_TYPE';
    case 'additionalProperties':
      return 'UNKNOWN_FIELD';
    default:
      return keyword.toUpperCase();
  }
}

function asFault(error: ErrorObject): FormFault {
  const path = error.instancePath.split('/').slice(1);
  const named: unknown = error.params['missingProperty'] ?? error.params['additionalProperty'];
  if (typeof named === 'string') path.push(named);
  return { path, code: faultCode(error), message: error.message ?? error.keyword };
}

/** A failed `if` only repeats what its `then` has said. */
const asFaults = (errors: ErrorObject[] | null | undefined): FormFault[] =>
  (errors ?? []).filter(({ keyword }) => keyword !== 'if').map(asFault);

function operationOf(template: string, method: string): DescribedOperation {
  const found = description.operations[template]?.[method.toLowerCase()];
  if (!found) throw new Error(`no operation ${method} ${template} in the API description`);
  return found;
}

/** Faults of a request's body against the description; none when it conforms. */
export function requestFaults(template: string, method: string, body: unknown): FormFault[] {
  const { operationId, request } = operationOf(template, method);
  if (!request) {
    return body === undefined ? [] : [{ path: [], code: 'UNKNOWN_FIELD', message: 'this operation takes no body' }];
  }
  const validate = validator(`request ${operationId}`, request);
  return validate(body ?? {}) ? [] : asFaults(validate.errors);
}

/** Faults of an answer of ours: a status that the operation does not have, or a body unlike the one described. */
export function responseFaults(template: string, method: string, status: number, body: unknown): FormFault[] {
  const { operationId, responses } = operationOf(template, method);
  const schema = responses[String(status)];
  if (schema === undefined) {
    return [{ path: [], code: 'STATUS', message: `${operationId} has no answer with status ${status}` }];
  }
  if (schema === null) return body === undefined ? [] : [{ path: [], code: 'BODY', message: 'expected no body' }];
  const validate = validator(`response ${operationId} ${status}`, schema);
  return validate(body) ? [] : asFaults(validate.errors);
}

/** Compiles every schema now: done at the first request instead, it would eat into that request's 3 s. */
export function compileAll(): void {
  for (const methods of Object.values(description.operations)) {
    for (const { operationId, request, responses } of Object.values(methods)) {
      if (request) validator(`request ${operationId}`, request);
      for (const [status, schema] of Object.entries(responses)) {
        if (schema) validator(`response ${operationId} ${status}`, schema);
      }
    }
  }
}
