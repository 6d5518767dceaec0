import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { temporaryDirectory } from '@gocker/testkit'
import { pidfdOpen, pidfdSend, processStartTime } from './processes.ts'

test('a signal reaches a process by its descriptor, and nobody once it is gone', async () => {
  const child = spawn('sleep', ['60'])
  const exited = once(child, 'exit')
  const pidfd = pidfdOpen(child.pid as number)
  pidfdSend(pidfd, 0)
  pidfdSend(pidfd, 15)
  assert.deepEqual(await exited, [null, 'SIGTERM'])
  assert.throws(() => pidfdSend(pidfd, 0), { code: 'ESRCH', message: 'pidfd_send_signal signal 0: ESRCH (no such process)' })
  assert.throws(() => pidfdOpen(child.pid as number), { code: 'ESRCH' })
  closeSync(pidfd)
})

test('the start time is read past any program name', async (t) => {
  const program = join(temporaryDirectory(t), 'a) S (1 2')
  copyFileSync('/bin/sleep', program)
  const child = spawn(program, ['60'])
  await once(child, 'spawn')
  const started = processStartTime(child.pid as number) as number
  assert.ok(started >= (processStartTime(process.pid) as number))
  assert.ok(started > (processStartTime(1) as number))
  const exited = once(child, 'exit')
  child.kill()
  await exited
  assert.equal(processStartTime(child.pid as number), undefined)
})
