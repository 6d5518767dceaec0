import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { runtimeFixture, type Spec, until } from './support/bundles.ts'
import { seccompAgent } from './support/seccomp-agent.ts'

const { root, runtime, bundle, state } = runtimeFixture()
const socket = join(root, 'agent')
const EXDEV = 18

/** A filter that asks about mkdir(2). */
function asking(spec: Spec, noNewPrivileges: boolean): void {
  spec.process.noNewPrivileges = noNewPrivileges
  spec.annotations = { 'com.example.key': 'value' }
  spec.linux.seccomp = {
    defaultAction: 'SCMP_ACT_ALLOW',
    listenerPath: socket,
    listenerMetadata: 'of the test',
    syscalls: [{ names: ['mkdir', 'mkdirat'], action: 'SCMP_ACT_NOTIFY' }],
  }
}

for (const noNewPrivileges of [false, true])
  test(`an agent answers for a container, and for one more command, with noNewPrivileges ${noNewPrivileges}`, async () => {
    const first = await seccompAgent(socket, EXDEV)
    const directory = await bundle('mkdir /tmp/x; echo tried; sleep 1000', (spec) => asking(spec, noNewPrivileges))
    const ran = await runtime(['run', '--detach', '--bundle', directory, 'asking'])
    assert.equal(ran.code, 0, ran.stderr())
    const { pid } = await state('asking')
    const { fds, metadata, pid: told, state: known } = (await first.notice()) as Spec
    assert.deepEqual([fds, metadata, told], [['seccompFd'], 'of the test', pid])
    assert.deepEqual(known, {
      ociVersion: '1.2.0',
      id: 'asking',
      status: noNewPrivileges ? 'created' : 'creating',
      pid,
      bundle: directory,
      annotations: { 'com.example.key': 'value' },
    })
    await until('it has tried', () => ran.stdout().includes('tried'))
    assert.match(ran.stderr(), /mkdir: .*cross-device link/i)
    const second = await seccompAgent(socket, EXDEV)
    const pidFile = join(root, 'pid')
    const executed = await runtime(['exec', '--pid-file', pidFile, 'asking', 'mkdir', '/tmp/x'])
    const notice = (await second.notice()) as Spec
    assert.match(executed.stderr(), /mkdir: .*cross-device link/i)
    assert.deepEqual([notice.state.status, notice.state.pid], ['running', pid])
    assert.notEqual(notice.pid, pid)
    assert.equal((await runtime(['delete', '--force', 'asking'])).code, 0)
  })

/** What is refused before anybody waits for an answer that nobody gives. */
const REFUSED: Readonly<Record<string, [change: (spec: Spec) => void, why: RegExp]>> = {
  'about what tells the agent': [
    (spec) => spec.linux.seccomp.syscalls[0].names.push('sendmsg'),
    /SCMP_ACT_NOTIFY for sendmsg: gocker itself calls it to "send it to the agent"/,
  ],
  'where nobody listens': [() => {}, /connect.*ENOENT/],
}

for (const [name, [change, why]] of Object.entries(REFUSED))
  test(`a filter that asks is refused: ${name}`, async () => {
    const directory = await bundle('true', (spec) => {
      asking(spec, true)
      change(spec)
    })
    const ran = await runtime(['run', '--bundle', directory, 'refused'])
    assert.equal(ran.code, 1)
    assert.match(ran.stderr(), why)
    assert.equal((await runtime(['list', '--quiet'])).stdout(), '')
  })
