import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { arm64Stub } from './arm64.ts'
import { x64Stub } from './x64.ts'

// Names of binutils' programs: those of another machine have its name before them.
const PREFIXES = { x64: 'x86_64-linux-gnu-', arm64: 'aarch64-linux-gnu-' }

for (const [architecture, stub] of [
  ['x64', x64Stub],
  ['arm64', arm64Stub],
] as const)
  test(`the ${architecture} stub is what its source assembles to`, () => {
    assert.equal(Buffer.from(stub).toString('hex'), assemble(architecture).toString('hex'))
    assert.ok(stub.length <= 250)
  })

function assemble(architecture: keyof typeof PREFIXES): Buffer {
  const directory = mkdtempSync(join(tmpdir(), 'gocker-stub-'))
  try {
    const [object, binary] = [join(directory, 'stub.o'), join(directory, 'stub.bin')]
    const source = fileURLToPath(new URL(`./${architecture}.S`, import.meta.url))
    execFileSync(`${PREFIXES[architecture]}as`, ['-o', object, source])
    execFileSync(`${PREFIXES[architecture]}objcopy`, ['-O', 'binary', '-j', '.text', object, binary])
    return readFileSync(binary)
  } finally {
    rmSync(directory, { recursive: true })
  }
}
