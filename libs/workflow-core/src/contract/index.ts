export { describeRepository } from './repository-contract.js';
export { describeSchedules } from './schedule-rules.js';
export { SEMANTICS_CASES, SEMANTICS_ROWS } from './semantics/all.js';
export { definitionOf, type Ending, type SemanticsCase } from './semantics/semantics-case.js';
export { together } from './semantics/trigger-rules.js';
export { describePlaces } from './place-rules.js';
