/**
 * What an answer is given by: it says which task waits, and proves that whoever answers was told so. Pure, and safe in a URL.
 * The secret is what must not be told; the part before the dot only says where to look.
 */
import { idProblem } from './limits.js';
import { definedId } from './map-items.js';

export interface CallbackToken {
  readonly workflowId: string;
  readonly taskId: string;
  readonly secret: string;
}

/** Of a secret: random, and as base64url 32 characters long. */
export const CALLBACK_SECRET_BYTES = 24;

const TOKEN = /^([A-Za-z0-9_-]{1,400})\.([A-Za-z0-9_-]{32})$/;

export const callbackToken = ({ workflowId, taskId, secret }: CallbackToken): string =>
  `${base64url(`${workflowId}/${taskId}`)}.${secret}`;

/** Undefined: it is none. */
export function parseCallbackToken(token: string): CallbackToken | undefined {
  const [, place = '', secret] = TOKEN.exec(token) ?? [];
  const text = secret === undefined ? undefined : textOf(place);
  const slash = text?.indexOf('/') ?? -1;
  if (text === undefined || secret === undefined || slash < 0) return undefined;
  const workflowId = text.slice(0, slash);
  const taskId = text.slice(slash + 1);
  if (idProblem(workflowId) ?? idProblem(definedId(taskId))) return undefined;
  return { workflowId, taskId, secret };
}

/** Ids are ASCII. */
const base64url = (text: string): string =>
  btoa(text).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');

function textOf(base64: string): string | undefined {
  try {
    const text = atob(base64.replaceAll('-', '+').replaceAll('_', '/'));
    // One token, one spelling.
    return base64url(text) === base64 ? text : undefined;
  } catch {
    return undefined;
  }
}
