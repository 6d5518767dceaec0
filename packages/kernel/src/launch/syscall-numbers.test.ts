import assert from 'node:assert/strict'
import { test } from 'node:test'
import koffi from 'koffi'
import type { Architecture } from './architecture.ts'
import { type CallName, callNumber, NUMBERS } from './syscall-numbers.ts'

const AUDIT_ARCHITECTURES: Record<Architecture, number> = { x64: 0xc000003e, arm64: 0xc00000b7 }

test('every number is the one that libseccomp knows', () => {
  const resolve = koffi.load('libseccomp.so.2').func('int seccomp_syscall_resolve_name_arch(uint32_t arch, const char *name)')
  for (const call of Object.keys(NUMBERS) as CallName[])
    for (const architecture of ['x64', 'arm64'] as const)
      assert.equal(callNumber(call, architecture), resolve(AUDIT_ARCHITECTURES[architecture], call), `${call} on ${architecture}`)
})
