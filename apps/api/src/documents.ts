/** What the API tells of itself. */
import { definitionJsonSchema, openApiDocument } from '@orchestra/api-contract/openapi';
import type { Route } from './route.js';

/** Of the API, not of the program behind it: it changes with the contract. */
const VERSION = '1.0.0';

export const showOpenApi = (): Route => {
  const document = once(() => openApiDocument(VERSION));
  return (request) => request.json(document());
};

export const showDefinitionSchema = (): Route => {
  const schema = once(definitionJsonSchema);
  return (request) => request.json(schema());
};

/** When it is first asked for: a cold start does not pay for it. */
function once<Value>(make: () => Value): () => Value {
  let made: { readonly value: Value } | undefined;
  return () => (made ??= { value: make() }).value;
}
