import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeProgram } from '@gocker/kernel'
import type { RuntimeSpec } from '@gocker/oci'
import { runtimeSpecTemplate } from '../spec-template.ts'
import { STARTED, toCreateProgram } from './create-program.ts'
import type { RuntimeFacts } from './plan.ts'

const template = runtimeSpecTemplate({ rootless: false })

const facts: RuntimeFacts = {
  id: 'c',
  parent: undefined,
  overlay: { base: '/', lowers: [], upper: '', work: '', mountPoint: '/bundle/rootfs' },
  cgroup: { entries: [], views: [] },
  requests: new Map(),
  directories: new Set(),
  stdio: ['given', 'pipe', 'pipe'],
  init: false,
  seccompFilter: undefined,
  lastCapability: 40,
  preserved: 2,
  noPivot: false,
  noNewKeyring: false,
}

const hook = { path: '/bin/true', timeout: 1 }
const hooks = { prestart: [hook], createContainer: [hook, hook], startContainer: [hook] }

function planned(change: Partial<RuntimeSpec> = {}, more: Partial<RuntimeFacts> = {}) {
  const program = toCreateProgram({ ...template, ...change }, { ...facts, ...more })
  const names = program.rows.map(({ name }) => name)
  const at = (wanted: string) => {
    const index = names.findIndex((name) => name.startsWith(wanted))
    assert.ok(index >= 0, `a row ${wanted}`)
    return index
  }
  return { program, names, at }
}

for (const architecture of ['x64', 'arm64'] as const)
  test(`a program with all there is can be encoded for ${architecture}`, () => {
    const { program } = planned({ hooks })
    assert.ok(encodeProgram(program, architecture).length > 0)
  })

test('the steps have their order', () => {
  const { program, at } = planned({ hooks })
  const order = [
    'make the first process of the container',
    'bind /bundle/rootfs on itself',
    'see nothing else',
    'mount proc on /proc',
    'see the host again',
    'wait for hooks of the host',
    'run createContainer hook',
    'make it the root, the old one over it',
    'make the root read-only',
    'close what was taken from the host',
    'be user 0',
    'report created',
    'wait until it is started',
    'run startContainer hook',
    'gain no privilege',
    'execute ',
  ].map((name) => (name === 'execute ' ? program.rows.findLastIndex((row) => row.name.startsWith(name)) : at(name)))
  assert.deepEqual(
    order,
    order.toSorted((a, b) => a - b),
  )
  assert.ok((program.labels.get(STARTED) ?? 0) > at('wait until it is started'))
})

test('the old root is let go of in private: what is shared with the host is not unmounted there', () => {
  const { at } = planned({ linux: { ...template.linux, rootfsPropagation: 'rshared' } })
  assert.ok(at('tell nobody of its end') < at('take the old root away'))
  assert.ok(at('let no mount spread from /bundle/rootfs') < at('bind /bundle/rootfs on itself'))
})

test('without a mount namespace nothing is mounted', () => {
  const namespaces = template.linux.namespaces.filter(({ type }) => type !== 'mount')
  const { names } = planned({ mounts: [], root: { path: 'rootfs' }, linux: { namespaces } })
  assert.deepEqual(
    names.filter((name) => /mount|bind/.test(name)),
    [],
  )
  assert.ok(names.includes('make it the root'))
})

test('few descriptors are allowed only when the command begins', () => {
  const rlimits = [{ type: 'RLIMIT_NOFILE', soft: 3, hard: 5 }]
  const { at } = planned({ process: { ...template.process, rlimits } })
  assert.ok(at('limit RLIMIT_NOFILE to 1024:1024') < at('wait until it is started'))
  assert.ok(at('limit RLIMIT_NOFILE to 3:5') > at('wait until it is started'))
})
