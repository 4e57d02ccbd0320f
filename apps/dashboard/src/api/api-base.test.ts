import { apiBase } from './api-base.js';

describe('the address of the API', () => {
  it('is the one written at deploy, before the one of the build', () => {
    expect(apiBase('https://a.example/prod/', 'http://localhost:3000/prod/')).toBe(
      'https://a.example/prod',
    );
  });

  it.each(['', '  ', undefined])('is the one of the build when config.js says %p', (deployed) => {
    expect(apiBase(deployed, 'http://localhost:3000/prod/')).toBe('http://localhost:3000/prod');
  });

  it('may end with a slash or not', () => {
    expect(apiBase('https://a.example/prod', undefined)).toBe(
      apiBase('https://a.example/prod/', undefined),
    );
  });

  it('is unknown when nobody names one', () => {
    expect(apiBase('', undefined)).toBeUndefined();
  });
});
