/**
 * Who calls. Every function signs its requests with an access key id of its own; the id alone tells which function it is,
 * and with it what its role may do. Nothing is secret here: the endpoint is on the loopback address.
 */
import { createHash } from 'node:crypto';
import type { FunctionModel, PolicyStatement } from '../model.js';

export interface Caller {
  /** The function's name, or `operator`. */
  readonly name: string;
  readonly accessKeyId: string;
  /** What the role allows; a person on this machine may do everything. */
  readonly statements: readonly PolicyStatement[];
}

/** A person on this machine: the command line, a test. */
export const OPERATOR: Caller = {
  name: 'operator',
  accessKeyId: 'AKIALOCALOPERATOR000',
  statements: [{ effect: 'Allow', actions: ['*'], resources: ['*'] }],
};

export class Identities {
  readonly #callers: ReadonlyMap<string, Caller>;

  constructor(functions: readonly FunctionModel[]) {
    const callers = functions.map(({ name, arn, statements }): Caller => ({
      name,
      accessKeyId: accessKeyIdOf(arn),
      statements,
    }));
    this.#callers = new Map([OPERATOR, ...callers].map((caller) => [caller.accessKeyId, caller]));
  }

  /** @param authorization the header of a signed request */
  callerOf(authorization: string | undefined): Caller | undefined {
    const accessKeyId = /Credential=([^/,\s]+)\//.exec(authorization ?? '')?.[1];
    return accessKeyId === undefined ? undefined : this.#callers.get(accessKeyId);
  }
}

/** What a function's SDK finds in its environment. */
export function credentialsOf(functionArn: string): Readonly<Record<string, string>> {
  return {
    AWS_ACCESS_KEY_ID: accessKeyIdOf(functionArn),
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_SESSION_TOKEN: 'local',
  };
}

/** `ASIA` as temporary credentials have it, then 16 of the characters AWS uses. */
function accessKeyIdOf(functionArn: string): string {
  const bytes = createHash('sha256').update(functionArn).digest().subarray(0, 16);
  const letters = [...bytes].map((byte) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'[byte % 32]);
  return `ASIA${letters.join('')}`;
}
