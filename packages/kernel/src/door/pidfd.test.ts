import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, writeSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { pidfdTake } from './pidfd.ts'
import { pipe } from './pipes.ts'
import { pidfdOpen } from './processes.ts'

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
