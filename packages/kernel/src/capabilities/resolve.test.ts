import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import { type Capability, DEFAULT_CAPABILITIES } from './names.ts'
import { boundingCapabilities, type CapabilityRequest, resolveCapabilities } from './resolve.ts'

const all = boundingCapabilities()
const without = (from: readonly Capability[], ...names: Capability[]): Capability[] => from.filter((name) => !names.includes(name))

const cases: readonly [what: string, request: CapabilityRequest, expected: readonly Capability[]][] = [
  ['nothing asked', {}, DEFAULT_CAPABILITIES],
  [
    'one added, in the order of the bits',
    { add: ['net_admin'] },
    all.filter((n) => DEFAULT_CAPABILITIES.includes(n) || n === 'CAP_NET_ADMIN'),
  ],
  ['one dropped', { drop: ['MKNOD'] }, without(DEFAULT_CAPABILITIES, 'CAP_MKNOD')],
  ['all dropped', { drop: ['ALL'] }, []],
  ['all dropped but one', { add: ['CHOWN'], drop: ['all'] }, ['CAP_CHOWN']],
  ['all added', { add: ['ALL'] }, all],
  ['all added but one', { add: ['all'], drop: ['CAP_SYS_ADMIN'] }, without(all, 'CAP_SYS_ADMIN')],
  ['all added and all dropped', { add: ['ALL'], drop: ['ALL'] }, all],
  ['the same added and dropped', { add: ['KILL'], drop: ['KILL'] }, DEFAULT_CAPABILITIES],
  ['privileged, whatever is dropped', { privileged: true, drop: ['ALL'] }, all],
]

for (const [what, request, expected] of cases) test(what, () => assert.deepEqual(resolveCapabilities(request), expected))

test('an unknown name is refused, dropped too', () => {
  assert.throws(() => resolveCapabilities({ add: ['NOPE'] }), { code: 'EINVAL' })
  assert.throws(() => resolveCapabilities({ drop: ['NOPE'] }), { code: 'EINVAL' })
})

test('nobody gives what he has not', () => {
  const source = `
    const { resolveCapabilities } = await import(${JSON.stringify(new URL('./resolve.ts', import.meta.url).href)})
    let code
    try { resolveCapabilities({ add: ['SYS_TIME'] }) } catch (error) { code = error.code }
    console.log(JSON.stringify([code, resolveCapabilities({ privileged: true }).includes('CAP_SYS_TIME'), resolveCapabilities({}).includes('CAP_MKNOD')]))`
  const program = [process.execPath, '--input-type=module', '-e', source]
  const output = execFileSync('capsh', ['--drop=cap_sys_time,cap_mknod', '--', '-c', 'exec "$@"', 'sh', ...program], { encoding: 'utf8' })
  assert.deepEqual(JSON.parse(output), ['EPERM', false, false])
})
