import { Agent, request as httpRequest } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { ENGINE_CREDENTIALS, ENGINE_REGION } from '../emulator/engine-client.js';
import { readAll } from './http-body.js';

export interface EngineAnswer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export class EngineUnreachableError extends Error {
  override readonly name = 'EngineUnreachableError';
}

/** An engine that was killed is back after this time, or not at all. */
const REFUSED_WITHIN_MS = 5_000;
const KEPT_HEADERS = ['content-type', 'x-amzn-requestid', 'x-amz-crc32'];

/** Keeps connections to the engine open. The caller's own signature stays behind: engines keep one database for each. */
export class EngineConnection {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 64 });
  readonly #url: URL;
  readonly #authorization = [
    `AWS4-HMAC-SHA256 Credential=${ENGINE_CREDENTIALS.accessKeyId}/20250101/${ENGINE_REGION}/dynamodb/aws4_request`,
    'SignedHeaders=host;x-amz-date;x-amz-target',
    'Signature=0',
  ].join(', ');

  constructor(url: string) {
    this.#url = new URL(url);
  }

  /**
   * Waits for an engine that refuses the connection, since nothing was sent yet; a connection that breaks later is an
   * ambiguous write, for the caller to judge.
   * @throws EngineUnreachableError
   */
  async send(target: string, body: Buffer | string): Promise<EngineAnswer> {
    const giveUpAt = performance.now() + REFUSED_WITHIN_MS;
    for (;;) {
      try {
        return await this.#attempt(target, body);
      } catch (error) {
        const refused = (error as NodeJS.ErrnoException).code === 'ECONNREFUSED';
        if (!refused || performance.now() > giveUpAt) {
          throw new EngineUnreachableError('the DynamoDB engine does not answer', { cause: error });
        }
        await pause(20);
      }
    }
  }

  close(): void {
    this.#agent.destroy();
  }

  #attempt(target: string, body: Buffer | string): Promise<EngineAnswer> {
    return new Promise((resolve, reject) => {
      const request = httpRequest(
        this.#url,
        {
          method: 'POST',
          agent: this.#agent,
          headers: {
            'content-type': 'application/x-amz-json-1.0',
            'content-length': Buffer.byteLength(body),
            'x-amz-target': target,
            'x-amz-date': '20250101T000000Z',
            authorization: this.#authorization,
          },
        },
        (response) => {
          const headers = KEPT_HEADERS.flatMap((name) => {
            const value = response.headers[name];
            return typeof value === 'string' ? [[name, value] as const] : [];
          });
          readAll(response).then(
            (read) =>
              resolve({
                statusCode: response.statusCode ?? 500,
                headers: Object.fromEntries(headers),
                body: read,
              }),
            reject,
          );
        },
      );
      request.once('error', reject);
      request.end(body);
    });
  }
}
