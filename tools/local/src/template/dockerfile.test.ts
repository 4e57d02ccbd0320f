import { readDockerfile, UnavailableCodeError } from './dockerfile.js';

const BASE = 'FROM public.ecr.aws/lambda/nodejs:24\n';

describe('following a Dockerfile', () => {
  it('reads base image, files, variables and handler', () => {
    const plan = readDockerfile(`
      # syntax=docker/dockerfile:1
      ARG VERSION=3.11
      FROM --platform=linux/amd64 public.ecr.aws/lambda/python:\${VERSION} AS final
      LABEL org.example="x" \\
            other="y"
      ARG GREETING=hello
      ENV MODE=fast WORDS="two words" TOLD=\${GREETING}
      COPY --chown=1000:1000 app.py lib/*.py \${LAMBDA_TASK_ROOT}/
      WORKDIR sub
      COPY ["with space.txt", "here.txt"]
      CMD ["app.handler"]
    `);
    expect(plan).toEqual({
      runtime: 'python3.11',
      environment: { MODE: 'fast', WORDS: 'two words', TOLD: 'hello' },
      copies: [
        { sources: ['app.py', 'lib/*.py'], destination: '', intoFolder: true },
        { sources: ['with space.txt'], destination: 'sub/here.txt', intoFolder: false },
      ],
      command: ['app.handler'],
    });
  });

  it('prefers build arguments to the defaults of ARG', () => {
    const source =
      'ARG V=22\nFROM public.ecr.aws/lambda/nodejs:$V\nARG MODE\nENV MODE=${MODE:-none}';
    expect(readDockerfile(source, { V: '24', MODE: 'x' })).toMatchObject({
      runtime: 'nodejs24.x',
      environment: { MODE: 'x' },
    });
    expect(readDockerfile(source)).toMatchObject({
      runtime: 'nodejs22.x',
      environment: { MODE: 'none' },
    });
  });

  it.each([
    ['public.ecr.aws/lambda/nodejs:20-arm64', 'nodejs20.x'],
    ['public.ecr.aws/lambda/nodejs:22.2025.01.02.03', 'nodejs22.x'],
    ['public.ecr.aws/lambda/python:3.13-x86_64', 'python3.13'],
    ['public.ecr.aws/lambda/python:3.12@sha256:abc123', 'python3.12'],
    ['amazon/aws-lambda-python:3.12', 'python3.12'],
  ])('takes the runtime from %s', (image, runtime) => {
    expect(readDockerfile(`FROM ${image}`).runtime).toBe(runtime);
  });

  it.each([
    ['another base image', 'FROM node:24', 'line 1 (FROM): node:24 is not a versioned Lambda'],
    ['an unversioned one', 'FROM public.ecr.aws/lambda/python:latest', 'python:latest'],
    ['several stages', `${BASE}FROM scratch`, 'it builds in several stages'],
    ['commands', `${BASE}RUN npm ci`, 'line 2 (RUN): RUN needs a container engine'],
    ['an entry point', `${BASE}ENTRYPOINT ["/x"]`, 'ENTRYPOINT needs a container engine'],
    ['archives and addresses', `${BASE}ADD https://example.com/x /x`, 'ADD needs'],
    ['files of another stage', `${BASE}COPY --from=build /x .`, '--from=build needs'],
    [
      'a place outside of the task root',
      `${BASE}COPY x /opt/x`,
      '/opt/x lies outside of /var/task',
    ],
    ['a here-document', `${BASE}COPY <<EOF x.txt`, 'it holds a here-document'],
    ['a handler run by a shell', `${BASE}CMD index.handler`, 'a shell would run it'],
    ['no base image', 'COPY a b', 'it does not begin with FROM'],
    ['nothing', '', 'has no FROM'],
  ])('refuses %s, with line and reason', (_, source, message) => {
    expect(() => readDockerfile(source)).toThrow(UnavailableCodeError);
    expect(() => readDockerfile(source)).toThrow(message);
  });
});
