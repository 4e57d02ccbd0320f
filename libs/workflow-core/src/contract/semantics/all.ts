import { AIRFLOW } from './airflow.js';
import { ARGO } from './argo.js';
import { ORCHESTRA } from './orchestra.js';
import { STEP_FUNCTIONS } from './step-functions.js';
import { FORGIVEN_ROWS, TRIGGER_RULE_ROWS } from './trigger-rules.js';

export const SEMANTICS_CASES = [...AIRFLOW, ...ARGO, ...STEP_FUNCTIONS, ...ORCHESTRA];

/** Rows of one rule each: small enough to stand together in one workflow. */
export const SEMANTICS_ROWS = [...TRIGGER_RULE_ROWS, ...FORGIVEN_ROWS];
