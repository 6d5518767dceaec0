import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseReference } from '@gocker/oci'
import { endpointsOf } from './endpoint.ts'

const brief = (text: string, options: { insecure?: boolean; mirrors?: string } = {}) =>
  endpointsOf(parseReference(text), options).map(({ name, origins, repository }) => `${name} ${origins.join('|')} ${repository}`)

test('docker.io is registry-1.docker.io', () => {
  assert.deepEqual(brief('debian'), ['docker.io https://registry-1.docker.io library/debian'])
})

test('this machine and what is called insecure may go without TLS, and nothing else', () => {
  assert.deepEqual(brief('localhost:5000/x'), ['localhost:5000 https://localhost:5000|http://localhost:5000 x'])
  assert.deepEqual(brief('[::1]:5000/x'), ['[::1]:5000 https://[::1]:5000|http://[::1]:5000 x'])
  assert.deepEqual(brief('10.0.0.1:5000/x'), ['10.0.0.1:5000 https://10.0.0.1:5000 x'])
  assert.deepEqual(brief('ghcr.io/o/x', { insecure: true }), ['ghcr.io https://ghcr.io|http://ghcr.io o/x'])
})

test('mirrors come first, those of the registry alone, their paths before the repository', () => {
  const mirrors = 'https://one.example, ghcr.io=https://two.example ,three.example/proxy/hub/,docker.io=http://127.0.0.1:5000/v2/'
  assert.deepEqual(brief('debian', { mirrors }), [
    'one.example https://one.example library/debian',
    'three.example https://three.example proxy/hub/library/debian',
    '127.0.0.1:5000 http://127.0.0.1:5000 library/debian',
    'docker.io https://registry-1.docker.io library/debian',
  ])
  assert.deepEqual(brief('ghcr.io/o/x', { mirrors }), ['two.example https://two.example o/x', 'ghcr.io https://ghcr.io o/x'])
})

test('a mirror that is no URL, or carries a user, is refused without naming the password', () => {
  for (const mirrors of ['ftp://x', 'https://', 'https://me:secret@host', 'ftp://me:secret@host', 'https://x/?a=b'])
    assert.throws(
      () => brief('debian', { mirrors }),
      (error: Error & { code: string }) => {
        assert.equal(error.code, 'INVALID_OPTION')
        return !error.message.includes('secret')
      },
    )
})
