import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { temporaryDirectory } from '@gocker/testkit'

/** A program for x64 without any library, or for the processors of 32 bits before it, by binutils. */
export function assembled(t: TestContext, source: string, { bits = 64 }: { bits?: 32 | 64 } = {}): Buffer {
  const directory = temporaryDirectory(t)
  writeFileSync(join(directory, 'program.s'), source)
  const commands = [
    ['as', `--${bits}`, '-o', 'program.o', 'program.s'],
    ['ld', '-m', bits === 32 ? 'elf_i386' : 'elf_x86_64', '-o', 'program', 'program.o'],
  ]
  for (const [command = '', ...args] of commands)
    assert.equal(spawnSync(command, args, { cwd: directory, stdio: 'inherit' }).status, 0, `${command} fails`)
  return readFileSync(join(directory, 'program'))
}
