import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AssemblyFixture, functionResources } from './assembly-fixture.js';

describe("finding a function's code", () => {
  let fixture: AssemblyFixture;
  beforeEach(() => (fixture = new AssemblyFixture()));
  afterEach(() => fixture.remove());

  const imageFunction = (tag: string, properties = {}) =>
    functionResources('Task', '', {
      Code: {
        ImageUri: {
          'Fn::Sub': `000000000000.dkr.ecr.eu-north-1.\${AWS::URLSuffix}/container-assets:${tag}`,
        },
      },
      Handler: { Ref: 'AWS::NoValue' },
      Runtime: { Ref: 'AWS::NoValue' },
      ...properties,
    });

  const only = () => {
    const [found] = fixture.read().functions;
    if (found === undefined) throw new Error('the assembly has no function');
    return found;
  };

  it('is the folder of a zip asset, as it lies in the assembly', () => {
    fixture.folder('0ebd', { 'index.js': '' });
    fixture.stack('Stack', { Resources: functionResources('Task', '0ebd') });
    expect(only()).toMatchObject({
      codeDirectory: join(fixture.directory, 'asset.0ebd'),
      handler: 'index.handler',
      runtime: 'nodejs24.x',
    });
    expect(only().unavailable).toBeUndefined();
  });

  it("lays an image's files out as its task root holds them", () => {
    fixture.image('abc6', {
      files: {
        Dockerfile: `FROM public.ecr.aws/lambda/python:3.13
          COPY main.py \${LAMBDA_TASK_ROOT}
          COPY lib lib
          COPY data/*.json data/
          ENV MODE=image LEVEL=low
          CMD ["main.handler"]`,
        'main.py': 'main',
        'lib/deep/tool.py': 'tool',
        'data/a.json': 'a',
        'data/b.json': 'b',
        'data/c.txt': 'c',
      },
    });
    const Environment = { Variables: { LEVEL: 'high' } };
    fixture.stack('Stack', { Resources: imageFunction('abc6', { Environment }) });
    const found = only();
    expect(found).toMatchObject({
      runtime: 'python3.13',
      handler: 'main.handler',
      environment: { MODE: 'image', LEVEL: 'high' },
    });
    const files = readdirSync(found.codeDirectory, { recursive: true }).map(String).sort();
    expect(files).toEqual([
      'data',
      'data/a.json',
      'data/b.json',
      'lib',
      'lib/deep',
      'lib/deep/tool.py',
      'main.py',
    ]);
    expect(readFileSync(join(found.codeDirectory, 'lib/deep/tool.py'), 'utf8')).toBe('tool');
  });

  it('reads the same layout twice without building it twice', () => {
    fixture.image('abc6', {
      files: { Dockerfile: 'FROM public.ecr.aws/lambda/nodejs:24\nCOPY . .\nCMD ["a.b"]' },
    });
    fixture.stack('Stack', { Resources: imageFunction('abc6') });
    expect(only().codeDirectory).toBe(only().codeDirectory);
    expect(readdirSync(join(fixture.directory, 'staged'))).toHaveLength(1);
  });

  it("prefers the function's command to the image's", () => {
    fixture.image('abc6', {
      files: { Dockerfile: 'FROM public.ecr.aws/lambda/nodejs:24\nCMD ["a.handler"]' },
    });
    const ImageConfig = { Command: ['b.handler'] };
    fixture.stack('Stack', { Resources: imageFunction('abc6', { ImageConfig }) });
    expect(only().handler).toBe('b.handler');
  });

  it('writes inline code to the file Lambda would', () => {
    const Code = { ZipFile: 'exports.handler = async () => 1;' };
    fixture.stack('Stack', { Resources: functionResources('Task', '', { Code }) });
    expect(readFileSync(join(only().codeDirectory, 'index.js'), 'utf8')).toBe(Code.ZipFile);
  });

  it.each<[string, () => void, string]>([
    [
      'an image whose Dockerfile runs commands',
      () => {
        const Dockerfile = 'FROM public.ecr.aws/lambda/nodejs:24\nRUN npm ci';
        fixture.image('abc6', { files: { Dockerfile } });
        fixture.stack('Stack', { Resources: imageFunction('abc6') });
      },
      'RUN needs a container engine',
    ],
    [
      'an image that copies what is not there',
      () => {
        const Dockerfile = 'FROM public.ecr.aws/lambda/nodejs:24\nCOPY dist .\nCMD ["a.b"]';
        fixture.image('abc6', { files: { Dockerfile } });
        fixture.stack('Stack', { Resources: imageFunction('abc6') });
      },
      'COPY dist: the build context holds no such file',
    ],
    [
      'an image that copies from outside of its context',
      () => {
        const Dockerfile = 'FROM public.ecr.aws/lambda/nodejs:24\nCOPY ../x .\nCMD ["a.b"]';
        fixture.image('abc6', { files: { Dockerfile } });
        fixture.stack('Stack', { Resources: imageFunction('abc6') });
      },
      'lies outside of the build context',
    ],
    [
      'an image without a handler',
      () => {
        fixture.image('abc6', { files: { Dockerfile: 'FROM public.ecr.aws/lambda/nodejs:24' } });
        fixture.stack('Stack', { Resources: imageFunction('abc6') });
      },
      'names no handler',
    ],
    [
      'an image of one stage of a build',
      () => {
        fixture.image('abc6', { files: {}, source: { dockerBuildTarget: 'final' } });
        fixture.stack('Stack', { Resources: imageFunction('abc6') });
      },
      'built to the stage final',
    ],
    [
      'an image from elsewhere',
      () => fixture.stack('Stack', { Resources: imageFunction('v1') }),
      'not built from a folder of this assembly',
    ],
    [
      'an archive',
      () => {
        fixture.folder('0ebd', {}, 'file');
        fixture.stack('Stack', { Resources: functionResources('Task', '0ebd') });
      },
      'its code is an archive',
    ],
  ])('keeps %s in the model and says why it cannot run', (_, arrange, reason) => {
    arrange();
    const found = only();
    expect(found.unavailable).toContain(reason);
    expect(existsSync(found.codeDirectory)).toBe(true);
  });
});
