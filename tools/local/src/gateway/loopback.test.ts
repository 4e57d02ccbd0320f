import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { networkInterfaces } from 'node:os';
import { probe } from './http-probe.js';
import { listenOnLoopback, PortInUseError, type LoopbackServer } from './loopback.js';

const hasIpv6 = Object.values(networkInterfaces())
  .flat()
  .some((address) => address?.address === '::1');

describe('listening on this machine alone', () => {
  const open: { stop(): Promise<void> }[] = [];
  const start = async (options = {}): Promise<LoopbackServer> => {
    const server = await listenOnLoopback((_, response) => response.end('here'), {
      port: 0,
      host: 'localhost',
      ...options,
    });
    open.push(server);
    return server;
  };
  afterEach(async () => {
    await Promise.all(open.splice(0).map((server) => server.stop()));
  });

  const occupy = (host: string): Promise<Server> =>
    new Promise((resolve) => {
      const server = createServer();
      open.push({ stop: () => new Promise((done) => server.close(() => done())) });
      server.listen(0, host, () => resolve(server));
    });

  it('is reached by name and by both addresses', async () => {
    const server = await start();
    const hosts = ['localhost', '127.0.0.1', ...(hasIpv6 ? ['::1'] : [])];
    for (const host of hosts) {
      await expect(probe(server.port, '/', { host })).resolves.toMatchObject({ body: 'here' });
    }
    expect(server.origin).toBe(`http://localhost:${server.port}`);
  });

  it('says which port is in use', async () => {
    const other = await occupy('127.0.0.1');
    const { port } = other.address() as AddressInfo;
    await expect(start({ port })).rejects.toThrow(PortInUseError);
    await expect(start({ port })).rejects.toMatchObject({
      port,
      message: `port ${port} is in use`,
    });
  });

  // Without IPv6, localhost has no second half.
  if (hasIpv6)
    it('is not content with half of localhost', async () => {
      const other = await occupy('::1');
      const { port } = other.address() as AddressInfo;
      await expect(start({ port })).rejects.toThrow(PortInUseError);
      const again = createServer();
      await new Promise<void>((resolve) => again.listen(port, '127.0.0.1', resolve));
      await new Promise((resolve) => again.close(resolve));
    });

  it('answers 408 to a client that does not finish its request', async () => {
    const server = await start({ requestTimeoutMs: 100 });
    const socket = connect(server.port, '127.0.0.1');
    socket.write('POST / HTTP/1.1\r\nHost: x\r\n');
    const heard = await new Promise<string>((resolve) => {
      let text = '';
      socket.on('data', (chunk) => (text += chunk));
      socket.on('close', () => resolve(text));
    });
    expect(heard).toMatch(/^HTTP\/1\.1 408 /);
  });

  it('answers by another listener once it is told to', async () => {
    const server = await start();
    server.handle((_, response) => response.end('there'));
    await expect(probe(server.port, '/')).resolves.toMatchObject({ body: 'there' });
  });

  it('stops twice, and nothing listens any more', async () => {
    const server = await start();
    await server.stop();
    await server.stop();
    await expect(probe(server.port, '/')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });
});
