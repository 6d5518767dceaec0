import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseChallenges } from './challenge.ts'

const HEADERS: [title: string, header: string | string[] | undefined, expected: [string, Record<string, string>][]][] = [
  ['nothing', undefined, []],
  [
    'a bearer challenge',
    'Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:library/debian:pull"',
    [['bearer', { realm: 'https://auth.docker.io/token', service: 'registry.docker.io', scope: 'repository:library/debian:pull' }]],
  ],
  ['commas in quotes', 'Bearer scope="repository:a:pull,push", realm="r"', [['bearer', { scope: 'repository:a:pull,push', realm: 'r' }]]],
  ['escapes in quotes', 'Basic realm="say \\"friend\\" \\\\"', [['basic', { realm: 'say "friend" \\' }]]],
  [
    'two on one line',
    'Basic realm="a", Bearer realm="b",service=c',
    [
      ['basic', { realm: 'a' }],
      ['bearer', { realm: 'b', service: 'c' }],
    ],
  ],
  [
    'two lines',
    ['Negotiate', 'Basic realm=x'],
    [
      ['negotiate', {}],
      ['basic', { realm: 'x' }],
    ],
  ],
  [
    'a token68',
    'Negotiate abc+/==, Basic realm="x"',
    [
      ['negotiate', {}],
      ['basic', { realm: 'x' }],
    ],
  ],
  [
    'a scheme alone before another',
    'NTLM, Basic realm="x"',
    [
      ['ntlm', {}],
      ['basic', { realm: 'x' }],
    ],
  ],
  [
    'spaces about the equals sign and empty elements',
    ' ,Basic  realm = "x" , , charset = "UTF-8",',
    [['basic', { realm: 'x', charset: 'UTF-8' }]],
  ],
  ['upper case', 'BEARER Realm="r"', [['bearer', { realm: 'r' }]]],
  [
    'a quote that does not end',
    'Basic realm="x", Bearer realm="y',
    [
      ['basic', { realm: 'x' }],
      ['bearer', {}],
    ],
  ],
  [
    'an own scheme',
    'X-Custom a=b, Bearer realm="r"',
    [
      ['x-custom', { a: 'b' }],
      ['bearer', { realm: 'r' }],
    ],
  ],
]

for (const [title, header, expected] of HEADERS)
  test(`WWW-Authenticate: ${title}`, () => {
    const found = parseChallenges(header).map(({ scheme, parameters }) => [scheme, { ...parameters }])
    assert.deepEqual(found, expected)
  })

test('WWW-Authenticate: a name of the prototype is a parameter like any other', () => {
  const [challenge] = parseChallenges('Bearer __proto__="x", realm="r"')
  assert.equal(challenge?.parameters.realm, 'r')
  assert.equal(Object.getPrototypeOf(challenge?.parameters), null)
})
