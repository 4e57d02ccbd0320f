import type { Graph, WorkMessage } from '@orchestra/workflow-core';
import type { Values } from './payload.js';
import type { Ports } from './ports.js';
import type { Recorder } from './recorder.js';

/** One message at work: what all of its tasks share. */
export interface Job {
  readonly ports: Ports;
  readonly message: WorkMessage;
  readonly graph: Graph;
  readonly values: Values;
  readonly recorder: Recorder;
}
