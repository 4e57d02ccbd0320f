/** What takes libraries too heavy for a browser: expressions and JSON Schemas. */
export { hasExpressions, isExpression } from './expression-text.js';
export { expressionIssues, expressionIssuesOf } from './expression-issues.js';
export {
  evaluateTemplate,
  type Evaluated,
  type ExpressionContext,
  type Template,
} from './evaluate-template.js';
export { EvaluatorStartError, createEvaluator, type Evaluator } from './evaluator.js';
export { createInputCheck, inputSchemaIssues, type InputCheck } from './input-schema.js';
export { validateDefinition, type Validated, type ValidationOptions } from './validation.js';
