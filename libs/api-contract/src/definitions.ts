/** Definitions and their revisions. */
import * as z from 'zod';
import { LIMITS, definitionSchema } from '@orchestra/workflow-core';
import { nextCursorSchema, pageQuery, timeSchema } from './fields.js';

/** `PUT /definitions/{name}`: the name in the address may be left out of the body, and must be the same if not. */
export const putDefinitionRequestSchema = definitionSchema.extend({
  name: definitionSchema.shape.name.optional(),
});
export type PutDefinitionRequest = z.input<typeof putDefinitionRequestSchema>;

/** 201: a new revision; 200: the newest one has this content already. */
export const putDefinitionResponseSchema = z.object({
  name: z.string(),
  revision: z.int(),
  created: z.boolean(),
});
export type PutDefinitionResponse = z.infer<typeof putDefinitionResponseSchema>;

/** `POST /definitions:validate`: what a `PUT` would say, and nothing is written. */
export const validateDefinitionResponseSchema = z.object({
  valid: z.boolean(),
  issues: z.array(z.object({ path: z.string(), message: z.string() })),
});
export type ValidateDefinitionResponse = z.infer<typeof validateDefinitionResponseSchema>;

export const listDefinitionsQuerySchema = z.object(pageQuery(LIMITS.definitionPageSize));
export type ListDefinitionsQuery = z.infer<typeof listDefinitionsQuerySchema>;

/** A revision without its tasks. */
export const definitionSummarySchema = z.object({
  name: z.string(),
  revision: z.int(),
  createdAt: timeSchema,
  description: z.string().optional(),
  taskCount: z.int(),
});
export type DefinitionSummary = z.infer<typeof definitionSummarySchema>;

/** `GET /definitions?limit=&cursor=`: the newest revision of each, in the order of their names. */
export const listDefinitionsResponseSchema = z.object({
  definitions: z.array(definitionSummarySchema),
  nextCursor: nextCursorSchema,
});
export type ListDefinitionsResponse = z.infer<typeof listDefinitionsResponseSchema>;

/** `GET /definitions/{name}/revisions?limit=&cursor=`, newest first. */
export const listRevisionsResponseSchema = z.object({
  revisions: z.array(definitionSummarySchema),
  nextCursor: nextCursorSchema,
});
export type ListRevisionsResponse = z.infer<typeof listRevisionsResponseSchema>;

/** `GET /definitions/{name}`, and of one revision `GET /definitions/{name}/revisions/{revision}`. */
export const definitionDetailSchema = z.object({
  name: z.string(),
  revision: z.int(),
  createdAt: timeSchema,
  definition: definitionSchema,
});
export type DefinitionDetail = z.infer<typeof definitionDetailSchema>;
