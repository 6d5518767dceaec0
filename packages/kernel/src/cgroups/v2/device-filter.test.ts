import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { temporaryDirectory } from '@gocker/testkit'
import { removeDirectory } from '../directories.ts'
import { readHierarchies } from '../hierarchies.ts'
import type { DeviceRule } from '../resources.ts'
import { filterDevices } from './device-filter.ts'

const tree = readHierarchies().find(({ version }) => version === 'v2')
const skip = tree === undefined && 'no cgroup v2 tree is mounted here'

const NULL = { type: 'c', major: 1, minor: 3 } as const
const ZERO = { type: 'c', major: 1, minor: 5 } as const
const DENY_ALL: DeviceRule = { allow: false, access: 'rwm' }

const ACTIONS = {
  'read null': ': < /dev/null',
  'write null': ': > /dev/null',
  'use null': ': <> /dev/null',
  'read zero': ': < /dev/zero',
  'make a device': 'mknod node c 1 3',
  'make a disk': 'mknod disk b 7 200',
} as const

type Action = keyof typeof ACTIONS

const cases: readonly [what: string, rules: readonly DeviceRule[], allowed: readonly Action[]][] = [
  ['no rule', [], []],
  ['everything', [{ allow: true }], Object.keys(ACTIONS) as Action[]],
  ['everything denied', [{ allow: true }, DENY_ALL], []],
  ['one device, whole', [DENY_ALL, { allow: true, ...NULL, access: 'rwm' }], ['read null', 'write null', 'use null', 'make a device']],
  ['one device, read only', [DENY_ALL, { allow: true, ...NULL, access: 'r' }], ['read null']],
  [
    'read and write from two rules',
    [DENY_ALL, { allow: true, ...NULL, access: 'r' }, { allow: true, ...NULL, access: 'w' }],
    ['read null', 'write null', 'use null'],
  ],
  ['write taken away again', [DENY_ALL, { allow: true, ...NULL, access: 'rw' }, { allow: false, ...NULL, access: 'w' }], ['read null']],
  [
    'write given back',
    [
      { allow: false, ...NULL, access: 'w' },
      { allow: true, ...NULL, access: 'rw' },
    ],
    ['read null', 'write null', 'use null'],
  ],
  ['a whole major', [DENY_ALL, { allow: true, type: 'c', major: 1, access: 'r' }], ['read null', 'read zero']],
  [
    'making alone, as docker allows',
    [DENY_ALL, { allow: true, type: 'c', access: 'm' }, { allow: true, type: 'b', access: 'm' }],
    ['make a device', 'make a disk'],
  ],
  [
    'everything but one',
    [{ allow: true }, { allow: false, ...ZERO }],
    ['read null', 'write null', 'use null', 'make a device', 'make a disk'],
  ],
  ['a number of either kind', [DENY_ALL, { allow: true, major: 1, minor: 3, access: 'w' }], ['write null']],
  ['a hole in what is allowed', [DENY_ALL, { allow: true, type: 'c', major: 1, access: 'r' }, { allow: false, ...NULL }], ['read zero']],
  ['a disk is no character device', [DENY_ALL, { allow: true, type: 'b', major: 1, minor: 3 }], []],
]

for (const [what, rules, allowed] of cases) {
  test(`devices by program: ${what}`, { skip }, (t) => {
    const directory = unifiedCgroup(t)
    filterDevices(directory, rules)
    assert.deepEqual(allowedIn(directory, temporaryDirectory(t)), allowed)
  })
}

test('new rules take the place of the old ones', { skip }, (t) => {
  const directory = unifiedCgroup(t)
  filterDevices(directory, [DENY_ALL])
  filterDevices(directory, [DENY_ALL, { allow: true, ...ZERO }])
  assert.deepEqual(allowedIn(directory, temporaryDirectory(t)), ['read zero'])
})

test('what is no cgroup takes no program', { skip }, (t) => {
  assert.throws(() => filterDevices(temporaryDirectory(t), [DENY_ALL]), { name: 'KernelError', code: 'EBADF', syscall: 'bpf' })
})

function allowedIn(cgroup: string, directory: string): Action[] {
  const script = Object.entries(ACTIONS)
    .map(([name, action]) => `(${action}) 2>&- && echo '${name}'`)
    .join('\n')
  const enter = `cd '${directory}'; echo 0 > '${cgroup}/cgroup.procs' || exit 99\n${script}\ntrue`
  const { stdout, status } = spawnSync('sh', ['-c', enter], { encoding: 'utf8' })
  assert.equal(status, 0)
  return stdout.split('\n').filter(Boolean) as Action[]
}

function unifiedCgroup(t: TestContext): string {
  const directory = join((tree as NonNullable<typeof tree>).mountPoint, `gocker-test-${randomUUID()}`)
  mkdirSync(directory)
  t.after(() => removeDirectory(directory))
  return directory
}
