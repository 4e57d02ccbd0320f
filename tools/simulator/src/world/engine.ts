/** The code under test, as one object: a mutant is another one. */
import {
  advanceBatch,
  answerCallback,
  beatCallback,
  cancelWorkflow,
  check,
  controlWorkflow,
  overrideTask,
  redriveWorkflow,
  startWorkflow,
  sweep,
  type Ports as OrchestratorPorts,
} from '@orchestra/orchestrator/engine';
import { work, type Ports as WorkerPorts } from '@orchestra/worker/engine';
import { changeOf } from '@orchestra/workflow-core';
import type { Invocation } from './lambda.js';

export type { OrchestratorPorts, WorkerPorts };

export interface Engine {
  readonly startWorkflow: typeof startWorkflow;
  readonly advanceBatch: typeof advanceBatch;
  readonly sweep: typeof sweep;
  readonly check: typeof check;
  readonly cancelWorkflow: typeof cancelWorkflow;
  readonly redriveWorkflow: typeof redriveWorkflow;
  readonly answerCallback: typeof answerCallback;
  readonly beatCallback: typeof beatCallback;
  readonly controlWorkflow: typeof controlWorkflow;
  readonly overrideTask: typeof overrideTask;
  readonly work: typeof work;
  readonly changeOf: typeof changeOf;
  /** What is between the orchestrator and its world. */
  readonly orchestratorPorts: (ports: OrchestratorPorts, by: Invocation) => OrchestratorPorts;
  readonly workerPorts: (ports: WorkerPorts, by: Invocation) => WorkerPorts;
}

export const THE_ENGINE: Engine = {
  startWorkflow,
  advanceBatch,
  sweep,
  check,
  cancelWorkflow,
  redriveWorkflow,
  answerCallback,
  beatCallback,
  controlWorkflow,
  overrideTask,
  work,
  changeOf,
  orchestratorPorts: (ports) => ports,
  workerPorts: (ports) => ports,
};
