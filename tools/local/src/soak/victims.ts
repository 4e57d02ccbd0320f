/** SIGKILL, and proof that it told. */
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { Emulator } from '../emulator/emulator.js';
import type { Functions } from '../functions/functions.js';
import type { SandboxAtWork } from '../functions/sandbox.js';
import type { Actor } from './points.js';

/** The kill did not do what a crash does, so nothing that follows proves anything. */
export class VoidKillError extends Error {
  override readonly name = 'VoidKillError';
}

const REFUSES_WITHIN_MS = 2_000;

/**
 * Kills the sandbox that has the actor's invocation, or, for an actor without one, those of its function that idle.
 * @returns how many process groups there were
 */
export function killSandboxes(functions: Functions, actor: Actor): number {
  const isVictim = ({ functionName, traceHeader }: SandboxAtWork) =>
    functionName === actor.functionName && traceHeader === actor.traceHeader;
  return functions
    .sandboxes()
    .filter(isVictim)
    .filter(({ pid }) => killGroup(pid)).length;
}

/** @returns false: it was gone already */
export function killGroup(pid: number): boolean {
  try {
    return process.kill(-pid, 'SIGKILL');
  } catch {
    return false;
  }
}

/**
 * Kills the engine and waits for its port to refuse: a left-over process on the port would answer as if nothing had been.
 * @returns false: it was not running
 * @throws VoidKillError when the port never refused
 */
export async function killEngine({ pid, url }: Emulator): Promise<boolean> {
  const killed = pid();
  if (killed === undefined) return false;
  process.kill(killed, 'SIGKILL');
  const giveUpAt = performance.now() + REFUSES_WITHIN_MS;
  while (!(await refuses(url))) {
    const now = pid();
    if ((now !== undefined && now !== killed) || performance.now() > giveUpAt)
      throw new VoidKillError(`the engine's port at ${url} did not refuse after SIGKILL`);
    await pause(0);
  }
  return true;
}

function refuses(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname);
    socket.once('connect', () => {
      socket.destroy();
      resolve(false);
    });
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'ECONNREFUSED'));
  });
}
