import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import { buildTar, gocker, imageLayout, pushLayout, startRegistry, temporaryDirectory } from '@gocker/testkit'
import { failedWith, succeeded } from './support/pulling.ts'

test('a registry that only lists its repositories is looked through', async (t) => {
  await using registry = await startRegistry()
  const layout = imageLayout(temporaryDirectory(t), { layers: [buildTar([])] })
  for (const name of ['team/app', 'team/web', 'app-tools']) await pushLayout(layout, `${registry.url}/${name}:1`)
  const names = async (...words: string[]) =>
    succeeded(await gocker(['search', '--format', '{{.Name}}', ...words]))
      .stdout.split('\n')
      .filter((line) => line !== '')
  assert.deepEqual(await names(`${registry.host}/app`), [`${registry.host}/app-tools`, `${registry.host}/team/app`])
  assert.equal((await names(`${registry.host}/`)).length, 3)
  assert.deepEqual(await names('--limit', '1', `${registry.host}/`), [`${registry.host}/app-tools`])
  assert.deepEqual(await names('--filter', 'stars=1', `${registry.host}/`), [])
})

async function server(t: TestContext, answers: Readonly<Record<string, unknown>>): Promise<string> {
  const http = createServer(({ url = '' }, response) => {
    const answer = answers[url.split('?')[0] ?? '']
    response.writeHead(answer === undefined ? 404 : 200).end(JSON.stringify(answer ?? {}))
  })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  t.after(() => http.close())
  return `127.0.0.1:${(http.address() as AddressInfo).port}`
}

test('a registry that searches is asked', async (t) => {
  const results = [
    { name: 'library/db', description: `a \u001b[31mdatabase ${'x'.repeat(80)}`, star_count: 12, is_official: true },
    { name: 'me/db', description: '', star_count: 1, is_official: false },
  ]
  const host = await server(t, { '/v1/search': { results } })
  const { stdout } = succeeded(await gocker(['search', `${host}/db`]))
  const [headings = '', first = '', second = ''] = stdout.split('\n')
  assert.match(headings, /^NAME +DESCRIPTION +STARS +OFFICIAL$/)
  assert.match(first, /library\/db +a +\[31mdatabase x+… +12 +\[OK\]$/)
  assert.match(second, /me\/db +1$/)
  const official = succeeded(await gocker(['search', '--filter', 'is-official=true', '--format', 'json', `${host}/db`]))
  assert.equal((JSON.parse(official.stdout) as { StarCount: string }).StarCount, '12')
})

test('a registry that offers neither is said to', async (t) => {
  const host = await server(t, {})
  failedWith(await gocker(['search', `${host}/db`]), /offers neither a search nor a list/)
})
