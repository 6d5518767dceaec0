import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import { machineFacts } from './machine.ts'

test('a machine is told as its own tools tell it', () => {
  const { kernel, architecture, hostname, memory, namespaces, distribution } = machineFacts()
  const uname = (flag: string) => execFileSync('uname', [flag], { encoding: 'utf8' }).trim()
  assert.deepEqual([kernel, architecture, hostname], ['-r', '-m', '-n'].map(uname))
  assert.equal(memory, Number(/MemTotal: +(\d+) kB/.exec(execFileSync('cat', ['/proc/meminfo'], { encoding: 'utf8' }))?.[1]) * 1024)
  for (const name of ['mnt', 'net', 'pid', 'user', 'uts']) assert.ok(namespaces.includes(name), name)
  assert.notEqual(distribution, '')
})

test('each controller is told once, where it works', () => {
  const { cgroups } = machineFacts()
  const names = cgroups.map(({ name }) => name)
  assert.deepEqual(names, [...new Set(names)].sort())
  assert.ok(names.includes('memory') && names.includes('pids'))
  const mounts = execFileSync('cat', ['/proc/self/mounts'], { encoding: 'utf8' })
  for (const { name, version } of cgroups)
    assert.equal(version === 'v1', new RegExp(`^cgroup .* cgroup (?:[^ ]*,)?${name}(?:,[^ ]*)? `, 'm').test(mounts), name)
})
