/** What the start dialog holds, and what is wrong with it: found here or said by the API, shown at its field. */
import { startWorkflowRequestSchema, type StartWorkflowRequest } from '@orchestra/api-contract';
import { ApiProblemError, ApiUnreachableError } from '../../api/api-errors.js';

export interface StartForm {
  readonly workflowId: string;
  /** JSON, or nothing. */
  readonly input: string;
}

/** A message per field; `form` for what concerns no field. */
export type StartFormErrors = Readonly<Partial<Record<keyof StartForm | 'form', string>>>;

export type StartFormResult =
  | { readonly kind: 'request'; readonly request: StartWorkflowRequest }
  | { readonly kind: 'invalid'; readonly errors: StartFormErrors };

export function parseStartForm(form: StartForm): StartFormResult {
  const input = parseJson(form.input);
  const workflowId = form.workflowId.trim() || undefined;
  const parsed = startWorkflowRequestSchema.safeParse({ workflowId, input: input.value });
  const issues = parsed.error?.issues.map(({ path, message }) => ({
    path: path.join('.'),
    message,
  }));
  const errors: StartFormErrors = {
    ...byField(issues ?? []),
    ...(input.error === undefined ? {} : { input: input.error }),
  };
  return parsed.success && input.error === undefined
    ? { kind: 'request', request: parsed.data }
    : { kind: 'invalid', errors };
}

/** The API's words at the fields they are about; an id that is taken is the id's problem. */
export function startFormErrors(error: unknown): StartFormErrors {
  if (error instanceof ApiUnreachableError)
    return { form: 'The API cannot be reached. It is not known whether the workflow started.' };
  if (!(error instanceof ApiProblemError)) return { form: String(error) };
  const { status, title, detail, errors = [] } = error.problem;
  if (errors.length > 0) return byField(errors);
  return { [status === 409 ? 'workflowId' : 'form']: detail ?? title };
}

function byField(issues: readonly { path: string; message: string }[]): StartFormErrors {
  const errors: Partial<Record<keyof StartFormErrors, string>> = {};
  for (const { path, message } of issues) {
    const { field, place } = locate(path);
    const line = place ? `${place}: ${message}` : message;
    errors[field] = errors[field] ? `${errors[field]}\n${line}` : line;
  }
  return errors;
}

/** `input.a[2]` is `a[2]` of the input; what names no field of ours keeps its whole path. */
function locate(path: string): { field: keyof StartFormErrors; place: string } {
  const match = /^\/?(workflowId|input)(?=$|[./[])[./]?(.*)$/s.exec(path);
  const [, field, place = ''] = match ?? [];
  return field === 'workflowId' || field === 'input'
    ? { field, place }
    : { field: 'form', place: path };
}

function parseJson(text: string): { value?: unknown; error?: string } {
  if (text.trim() === '') return {};
  try {
    return { value: JSON.parse(text) };
  } catch (error) {
    return { error: `Not JSON: ${error instanceof Error ? error.message : String(error)}` };
  }
}
