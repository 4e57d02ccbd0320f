export { describeRepository } from './repository-contract.js';
export { SEMANTICS_CASES, SEMANTICS_ROWS } from './semantics/all.js';
export { definitionOf, type Ending, type SemanticsCase } from './semantics/semantics-case.js';
export { together } from './semantics/trigger-rules.js';
