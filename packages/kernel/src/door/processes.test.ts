import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { temporaryDirectory } from '@gocker/testkit'
import { processStartTime } from './processes.ts'

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
