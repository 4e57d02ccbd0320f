/** The ids of workflows, definitions and tasks, as schemas. */
import * as z from 'zod';
import { idProblem } from './limits.js';
import { definedId } from './map-items.js';

export const idSchema = z.string().superRefine((id, context) => {
  const problem = idProblem(id);
  if (problem) context.addIssue({ code: 'custom', message: problem });
});

/** A task of a definition, or an item of a map such as `B[3]`. */
export const taskIdSchema = z.string().superRefine((id, context) => {
  const problem = idProblem(definedId(id));
  if (problem) context.addIssue({ code: 'custom', message: problem });
});
