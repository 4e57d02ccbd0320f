import { createServer, type RequestListener, type Server, type ServerOptions } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Stoppable } from '../runtime.js';

/** Another program holds the port. The caller knows which setting chooses another, so it words the message. */
export class PortInUseError extends Error {
  override readonly name = 'PortInUseError';

  constructor(
    readonly port: number,
    options?: ErrorOptions,
  ) {
    super(`port ${port} is in use`, options);
  }
}

export interface LoopbackOptions {
  /** 0 takes any free port. */
  readonly port: number;
  /** `localhost` and `127.0.0.1` listen on both loopback addresses, so that either name reaches the server. */
  readonly host: string;
  /** Milliseconds a client may take to send a request; then it is answered 408. Default 30,000. */
  readonly requestTimeoutMs?: number;
}

export interface LoopbackServer extends Stoppable {
  readonly port: number;
  /** `http://localhost:3000`, without a slash at the end. */
  readonly origin: string;
  /** Answers requests by another listener from now on: a port can be held before what serves on it is made. */
  handle(listener: RequestListener): void;
}

const DEFAULT_REQUEST_TIMEOUT_MS = 30_000;
/** How long open requests may take once the server is told to stop. */
const STOP_GRACE_MS = 1_000;
/** How often a free port is looked for that is free on both loopback addresses. */
const FREE_PORT_TRIES = 5;
const WITHOUT_ADDRESS = new Set(['EADDRNOTAVAIL', 'EAFNOSUPPORT']);

/** @throws PortInUseError */
export async function listenOnLoopback(
  listener: RequestListener,
  options: LoopbackOptions,
): Promise<LoopbackServer> {
  const { port, host } = options;
  const local = host === 'localhost' || host === '127.0.0.1';
  let current = listener;
  const servers = await listenOn(local ? ['127.0.0.1', '::1'] : [host], port, () =>
    createServer(serverOptions(options), (request, response) => current(request, response)),
  );
  const bound = (servers[0]?.address() as AddressInfo).port;
  const name = local ? 'localhost' : host.includes(':') ? `[${host}]` : host;
  let stopping: Promise<void> | undefined;
  return {
    port: bound,
    origin: `http://${name}:${bound}`,
    handle: (next) => (current = next),
    stop: () => (stopping ??= Promise.all(servers.map(close)).then(() => undefined)),
  };
}

function serverOptions({
  requestTimeoutMs = DEFAULT_REQUEST_TIMEOUT_MS,
}: LoopbackOptions): ServerOptions {
  return {
    requestTimeout: requestTimeoutMs,
    headersTimeout: requestTimeoutMs,
    connectionsCheckingInterval: Math.min(requestTimeoutMs, 1_000),
  };
}

/** The first address must be had; a second one that this machine does not have is left out. */
async function listenOn(
  hosts: readonly string[],
  port: number,
  create: () => Server,
): Promise<readonly Server[]> {
  for (let tries = 1; ; tries += 1) {
    const servers: Server[] = [];
    try {
      for (const host of hosts) {
        const chosen = port === 0 && servers[0] ? (servers[0].address() as AddressInfo).port : port;
        const server = await listen(create(), host, chosen, servers.length > 0);
        if (server !== undefined) servers.push(server);
      }
      return servers;
    } catch (error) {
      await Promise.all(servers.map(close));
      const retry = port === 0 && error instanceof PortInUseError && tries < FREE_PORT_TRIES;
      if (!retry) throw error;
    }
  }
}

function listen(
  server: Server,
  host: string,
  port: number,
  optional: boolean,
): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (optional && WITHOUT_ADDRESS.has(error.code ?? '')) return resolve(undefined);
      reject(error.code === 'EADDRINUSE' ? new PortInUseError(port, { cause: error }) : error);
    });
    server.listen(port, host, () => resolve(server));
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const deadline = setTimeout(() => server.closeAllConnections(), STOP_GRACE_MS);
    server.close(() => {
      clearTimeout(deadline);
      resolve();
    });
    server.closeIdleConnections();
  });
}
