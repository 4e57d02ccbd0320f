import type { RouteModel } from '../model.js';

type MockIntegration = Extract<RouteModel['integration'], { kind: 'mock' }>;

export interface IntegrationResponse {
  readonly StatusCode: string;
  readonly SelectionPattern?: string;
  readonly ResponseParameters: Readonly<Record<string, string>>;
  readonly ResponseTemplates: Readonly<Record<string, string>>;
}

const HEADER = 'method.response.header.';
const OPENING =
  '#set($origin = $input.params().header.get("Origin"))\n' +
  '#if($origin == "")\n  #set($origin = $input.params().header.get("origin"))\n#end\n#if(';
const CLOSING =
  ')\n  #set($context.responseOverride.header.Access-Control-Allow-Origin = $origin)\n#end';

/**
 * A mock's one answer. It knows header literals, a body without expressions, and the template CDK writes to answer
 * several origins with themselves; `skip` is told of anything else by the property's name.
 */
export function readMock(
  responses: readonly IntegrationResponse[],
  skip: (property: string) => void,
): MockIntegration {
  if (responses.some(({ SelectionPattern }) => SelectionPattern !== undefined)) {
    skip('Integration.IntegrationResponses.SelectionPattern');
  }
  const answer = responses.find(({ SelectionPattern }) => SelectionPattern === undefined);
  if (answer === undefined) return withoutAnswer();
  return {
    kind: 'mock',
    statusCode: Number(answer.StatusCode),
    headers: literalHeaders(answer.ResponseParameters, skip),
    ...readTemplate(answer.ResponseTemplates, skip),
  };
}

/** What API Gateway answers for a mock that no response is defined for. */
function withoutAnswer(): MockIntegration {
  return {
    kind: 'mock',
    statusCode: 500,
    headers: { 'Content-Type': 'application/json' },
    body: '{"message": "Internal server error"}',
  };
}

function literalHeaders(
  parameters: Readonly<Record<string, string>>,
  skip: (property: string) => void,
): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [parameter, expression] of Object.entries(parameters)) {
    const literal = /^'(.*)'$/s.exec(expression)?.[1];
    if (literal === undefined || !parameter.startsWith(HEADER)) {
      skip(`Integration.IntegrationResponses.ResponseParameters (${expression})`);
    } else {
      headers[parameter.slice(HEADER.length)] = literal;
    }
  }
  return headers;
}

function readTemplate(
  templates: Readonly<Record<string, string>>,
  skip: (property: string) => void,
): Pick<MockIntegration, 'body' | 'echoedOrigins'> {
  const template = templates['application/json'] ?? Object.values(templates)[0] ?? '';
  if (template === '') return {};
  if (template.startsWith(OPENING) && template.endsWith(CLOSING)) {
    const conditions = template.slice(OPENING.length, -CLOSING.length);
    return {
      echoedOrigins: [...conditions.matchAll(/\$origin == "([^"]*)"/g)].map(
        ([, origin]) => origin ?? '',
      ),
    };
  }
  if (/[$#]/.test(template)) {
    skip('Integration.IntegrationResponses.ResponseTemplates');
    return {};
  }
  return { body: template };
}
