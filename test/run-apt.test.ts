import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runFixture, succeeded } from './support/running.ts'

const { run, output } = runFixture('debian')

test("apt works on the host's network", async () => {
  const install = 'apt-get update -qq && apt-get install -qqy hello && hello'
  const { stdout } = succeeded(await run(['--network', 'host', '-e', 'DEBIAN_FRONTEND=noninteractive', 'debian', 'sh', '-c', install]))
  assert.match(stdout, /Hello, world!\n$/)
})

test("ps sees the container's processes alone", async () => {
  const lines = (await output(['debian', 'ps', '-eo', 'pid,comm', '--no-headers'])).trim().split('\n')
  assert.deepEqual(
    lines.map((line) => line.trim()),
    ['1 ps'],
  )
})

test('it is Debian, and its users and tools work', async () => {
  const script = 'grep ^ID= /etc/os-release; su nobody -s /bin/sh -c "id -un"; ping -c1 127.0.0.1 | grep -c "1 received"'
  assert.equal(await output(['debian', 'sh', '-c', script]), 'ID=debian\nnobody\n1\n')
})
