import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, writeSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { pidfdOpen, pidfdSend, pidfdTake } from './pidfd.ts'
import { pipe } from './pipes.ts'

test("what is written to another process's descriptor goes where that process would write", async () => {
  const child = spawn('sleep', ['60'], { stdio: ['ignore', 'pipe', 'ignore'] })
  const exited = once(child, 'exit')
  const pidfd = pidfdOpen(child.pid as number)
  const taken = pidfdTake(pidfd, 1)
  writeSync(taken, 'by another hand')
  closeSync(taken)
  child.kill()
  assert.equal(await text(child.stdout), 'by another hand')
  await exited
  assert.throws(() => pidfdTake(pidfd, 1), { code: 'ESRCH', message: 'pidfd_getfd descriptor 1: ESRCH (no such process)' })
  closeSync(pidfd)
})

test('a number that the process has not open is refused', () => {
  const pidfd = pidfdOpen(process.pid)
  const { read, write } = pipe()
  closeSync(read)
  closeSync(write)
  assert.throws(() => pidfdTake(pidfd, write), { code: 'EBADF', syscall: 'pidfd_getfd' })
  closeSync(pidfd)
})

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
