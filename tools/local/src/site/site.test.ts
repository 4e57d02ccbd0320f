import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { probe } from '../gateway/http-probe.js';
import type { SiteModel } from '../model.js';
import { startSite, type Site } from './site.js';

describe('serving a website', () => {
  let root: string;
  let site: Site | undefined;
  beforeEach(() => (root = mkdtempSync(join(tmpdir(), 'orchestra-site-'))));
  afterEach(async () => {
    await site?.stop();
    rmSync(root, { recursive: true, force: true });
  });

  function source(name: string, files: Readonly<Record<string, string | Buffer>>, more = {}) {
    const directory = join(root, name);
    mkdirSync(directory, { recursive: true });
    for (const [file, content] of Object.entries(files)) {
      mkdirSync(dirname(join(directory, file)), { recursive: true });
      writeFileSync(join(directory, file), content);
    }
    return { directory, exclude: [], replace: {}, ...more };
  }

  async function start(sources: SiteModel['sources'], more: Partial<SiteModel> = {}) {
    const model = { bucketName: 'site', indexDocument: 'index.html', sources, ...more };
    site = await startSite({ site: model, port: 0, host: 'localhost' });
    const { port } = site;
    return (path: string, options = {}) => probe(port, path, options);
  }

  it.each([
    ['/app.js', 'text/javascript; charset=utf-8'],
    ['/app.css', 'text/css; charset=utf-8'],
    ['/icon.svg', 'image/svg+xml; charset=utf-8'],
    ['/font.woff2', 'font/woff2'],
    ['/blob.unknown', 'binary/octet-stream'],
  ])('gives %s its content type', async (path, contentType) => {
    const get = await start([source('a', { [path.slice(1)]: 'x' })]);
    expect((await get(path)).headers['content-type']).toBe(contentType);
  });

  it('serves the index document for a folder, and leads to the folder without its slash', async () => {
    const get = await start([source('a', { 'index.html': 'root', 'docs/index.html': 'docs' })]);
    expect(await get('/?q=1')).toMatchObject({ status: 200, body: 'root' });
    expect(await get('/docs/')).toMatchObject({ status: 200, body: 'docs' });
    expect(await get('/docs')).toMatchObject({ status: 302, headers: { location: '/docs/' } });
  });

  it('answers an unknown path with the error document, and its status stays 404', async () => {
    const get = await start([source('a', { 'index.html': 'app' })], {
      errorDocument: 'index.html',
    });
    expect(await get('/workflows/7')).toMatchObject({
      status: 404,
      body: 'app',
      headers: { 'content-type': 'text/html; charset=utf-8' },
    });
  });

  it('answers 404 without an error document', async () => {
    const get = await start([source('a', {})]);
    expect((await get('/x')).status).toBe(404);
  });

  it('lets a later source win, and replaces its texts one after the other', async () => {
    const get = await start([
      source('a', { 'config.js': 'old', 'index.html': '<<marker:0>>' }),
      source(
        'b',
        { 'config.js': "base = 'https://<<marker:0>>.example/<<marker:1>>/'" },
        {
          replace: {
            '<<marker:0>>': 'abc',
            '<<marker:1>>': '$&',
            'https://abc.example/$&': 'http://localhost:3000/prod',
          },
        },
      ),
    ]);
    expect((await get('/config.js')).body).toBe("base = 'http://localhost:3000/prod/'");
    expect((await get('/')).body).toBe('<<marker:0>>');
  });

  it('replaces nothing in files that are not text', async () => {
    const replace = { marker: 'changed' };
    const bytes = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from('marker')]);
    const get = await start([source('a', { 'x.png': bytes, 'x.html': bytes }, { replace })]);
    expect((await get('/x.png')).headers['content-length']).toBe(String(bytes.length));
    expect((await get('/x.html')).body).toContain('changed');
  });

  it('leaves out what the deployment excludes, and puts the rest under its prefix', async () => {
    const files = { 'a.js': 'a', 'deep/a.js.map': 'map' };
    const get = await start([source('a', files, { exclude: ['*.map'], prefix: 'app/' })]);
    expect((await get('/app/a.js')).body).toBe('a');
    expect((await get('/app/deep/a.js.map')).status).toBe(404);
    expect((await get('/a.js')).status).toBe(404);
  });

  it('answers 304 to a client that has the file', async () => {
    const get = await start([source('a', { 'app.js': 'one' })]);
    const { etag = '' } = (await get('/app.js')).headers;
    const known = await get('/app.js', { headers: { 'If-None-Match': `"x", W/${etag}` } });
    expect(known).toMatchObject({ status: 304, body: '', headers: { etag } });
    writeFileSync(join(root, 'a/app.js'), 'two');
    const changed = await get('/app.js', { headers: { 'If-None-Match': etag } });
    expect(changed).toMatchObject({ status: 200, body: 'two' });
  });

  it('has pages and the configuration asked for again each time', async () => {
    const get = await start([source('a', { 'index.html': '', 'config.js': '', 'app.js': '' })]);
    expect((await get('/')).headers['cache-control']).toBe('no-cache');
    expect((await get('/config.js')).headers['cache-control']).toBe('no-cache');
    expect((await get('/app.js')).headers).not.toHaveProperty('cache-control');
  });

  it('answers HEAD with the headers alone, and refuses every other method', async () => {
    const get = await start([source('a', { 'app.js': 'four' })]);
    const head = await get('/app.js', { method: 'HEAD' });
    expect(head).toMatchObject({ status: 200, body: '', headers: { 'content-length': '4' } });
    const post = await get('/app.js', { method: 'POST', body: 'x' });
    expect(post).toMatchObject({ status: 405, headers: { allow: 'GET, HEAD' } });
  });

  it.each([
    '/../secret.txt',
    '/%2e%2e/secret.txt',
    '/..%2fsecret.txt',
    '/x/../../secret.txt',
    '/..%5csecret.txt',
    '//secret.txt',
    '/link.txt',
    '/linked/secret.txt',
    '/index.html%00.txt',
  ])('never leaves the folder of a source: %s', async (path) => {
    writeFileSync(join(root, 'secret.txt'), 'secret');
    const files = source('a', { 'index.html': 'app' });
    symlinkSync(join(root, 'secret.txt'), join(root, 'a/link.txt'));
    symlinkSync(root, join(root, 'a/linked'));
    const get = await start([files], { errorDocument: 'index.html' });
    expect(await get(path)).toMatchObject({ status: 404, body: 'app' });
  });

  it('refuses a path that cannot be decoded', async () => {
    const get = await start([source('a', {})]);
    expect((await get('/%zz')).status).toBe(400);
  });
});
