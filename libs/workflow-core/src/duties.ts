/**
 * What has to be done once a workflow has ended: its parent's task is told, its place is given back. Pure.
 *
 * (D1) A workflow with duties stays due when it ends, until they are done: what a crash leaves is found by the sweep.
 * (D2) Whether it has any follows from its id and its definition, so that whoever ends it need not read META.
 */
import type { Graph } from './definition.js';
import { isTerminalWorkflow } from './state-machines.js';
import type { Workflow } from './workflow.js';

/** Such ids are the engine's own: nobody else may choose one. */
const CHILD_ID = /^sub-[a-z2-7]{26}$/;

export const isChildId = (workflowId: string): boolean => CHILD_ID.test(workflowId);

/** @param digest 26 characters of base 32, of what names the child */
export const childIdOf = (digest: string): string => `sub-${digest}`;

/** (D2) */
export const hasDuties = (graph: Graph, workflowId: string): boolean =>
  graph.definition.concurrency !== undefined || isChildId(workflowId);

/** It has ended, and nothing of it is left to stop or to do. */
export const isSettled = ({ status, nextCheckAt }: Workflow): boolean =>
  isTerminalWorkflow(status) && nextCheckAt === undefined;
