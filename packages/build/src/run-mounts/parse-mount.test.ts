import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseMount } from './parse-mount.ts'

const READ: readonly [text: string, mount: object][] = [
  ['target=/x', { type: 'bind', source: '', target: '/x', readOnly: true }],
  ['type=bind,from=a,src=b,dst=/x,rw', { type: 'bind', from: 'a', source: 'b', target: '/x', readOnly: false }],
  ['Type=BIND,destination=/x,readwrite=false', { type: 'bind', source: '', target: '/x', readOnly: true }],
  ['target=/x,rw,ro', { type: 'bind', source: '', target: '/x', readOnly: true }],
  ['"target=/with,comma",source="plain', { type: 'bind', source: '"plain', target: '/with,comma', readOnly: true }],
  ['type=cache,target=/x/../y/', { type: 'cache', source: '', target: '/x/../y/', id: '/y/', sharing: 'shared', readOnly: false }],
  [
    'type=cache,target=/x,id=i,sharing=Locked,mode=0750,uid=1,gid=2,readonly,from=a,source=/b',
    { type: 'cache', from: 'a', source: '/b', target: '/x', id: 'i', sharing: 'locked', readOnly: true, mode: 0o750, uid: 1, gid: 2 },
  ],
  ['type=tmpfs,target=/x', { type: 'tmpfs', target: '/x', readOnly: false }],
  ['type=tmpfs,target=/x,size=2m', { type: 'tmpfs', target: '/x', readOnly: false, size: 2 << 20 }],
  ['type=secret,id=a/b', { type: 'secret', id: 'a/b', target: '/run/secrets/b', required: false }],
  ['type=secret,target=/x/y,required=true', { type: 'secret', id: 'y', target: '/x/y', required: true }],
  ['type=secret,source=a,env=B', { type: 'secret', id: 'a', env: 'B', required: false }],
  ['type=secret,id=a,env=', { type: 'secret', id: 'a', env: 'a', required: false }],
  ['type=secret,id=a,env=B,target=/x,mode=444', { type: 'secret', id: 'a', env: 'B', target: '/x', mode: 0o444, required: false }],
  ['type=ssh', { type: 'ssh', id: 'default', required: false }],
  ['type=ssh,id=a,target=/s,required,uid=5', { type: 'ssh', id: 'a', target: '/s', required: true, uid: 5 }],
  ['type=$T,target=$U', { type: 'tmpfs', target: '/of/variables', readOnly: false }],
]

const VARIABLES: Readonly<Record<string, string>> = { $T: 'tmpfs', $U: '/of/variables' }

for (const [text, mount] of READ)
  test(text, () => {
    assert.deepEqual(
      parseMount(text, (value) => VARIABLES[value] ?? value),
      mount,
    )
  })
