import assert from 'node:assert/strict'
import { test } from 'node:test'
import { errnoNumber } from '../door/errno.ts'
import { hostArchitecture } from '../launch/architecture.ts'
import { bytes, type Operand, slot, struct } from '../launch/operand.ts'
import { LaunchProgram } from '../launch/program.ts'
import { run } from '../launch/run-for-test.ts'
import type { CallName } from '../launch/syscall-numbers.ts'
import { compileSeccomp } from './compile.ts'
import { defaultSeccompProfile } from './default-profile/default-profile.ts'
import { seccompFlags } from './flags.ts'
import type { SeccompProfile } from './profile.ts'

const PR_SET_NO_NEW_PRIVS = 38
const SECCOMP_SET_MODE_FILTER = 1
const CLONE_NEWUTS = 0x0400_0000
const AF_UNIX = 1
const AF_ALG = 38
const SOCK_STREAM = 1

const DEFAULT = defaultSeccompProfile({ capabilities: [], architecture: hostArchitecture() })

const ANSWERS: readonly { name: string; call: CallName; args: readonly Operand[]; errno: string | undefined }[] = [
  { name: 'an allowed call', call: 'getpid', args: [], errno: undefined },
  { name: 'an allowed call that fails by itself', call: 'openat', args: [-100, '/no/such/file', 0, 0], errno: 'ENOENT' },
  { name: 'a refused call', call: 'unshare', args: [CLONE_NEWUTS], errno: 'EPERM' },
  { name: 'a call with allowed arguments', call: 'socket', args: [AF_UNIX, SOCK_STREAM, 0], errno: undefined },
  { name: 'a call with refused arguments', call: 'socket', args: [AF_ALG, SOCK_STREAM, 0], errno: 'EPERM' },
  { name: 'a call that shall seem to be missing', call: 'clone3', args: [0, 0], errno: 'ENOSYS' },
]

for (const { name, call, args, errno } of ANSWERS) {
  test(`under the default profile, ${name}: ${errno ?? 'goes through'}`, async () => {
    const program = filtered(DEFAULT)
      .row({ name, call, args, pass: 'any', result: slot('answer') })
      .report('answer', [slot('answer')])
    const { reports, failure } = await run(program)
    assert.equal(failure, undefined)
    const answer = Number(BigInt.asIntN(64, BigInt(reports[0]?.[1] ?? Number.NaN)))
    if (errno === undefined) assert.ok(answer > 0, `${answer}`)
    else assert.equal(answer, -(errnoNumber(errno) ?? 0))
  })
}

test('without the filter, the refused call goes through', async () => {
  const { failure, code } = await run(new LaunchProgram().row({ name: 'leave the host name', call: 'unshare', args: [CLONE_NEWUTS] }))
  assert.deepEqual([failure, code], [undefined, 0])
})

test('KILL_PROCESS kills', async () => {
  const profile = { defaultAction: 'SCMP_ACT_ALLOW', syscalls: [{ names: ['getppid'], action: 'SCMP_ACT_KILL_PROCESS' }] }
  const { signal } = await run(filtered(profile).row({ name: 'ask for the parent', call: 'getppid' }))
  assert.equal(signal, 'SIGSYS')
})

/** The rows that put a process under a profile. */
function filtered(profile: SeccompProfile): LaunchProgram {
  const filter = compileSeccomp(profile, hostArchitecture())
  const program = struct([filter.length / 8, bytes(filter)], 'struct sock_fprog')
  return new LaunchProgram()
    .row({ name: 'give up new privileges', call: 'prctl', args: [PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0] })
    .row({ name: 'filter system calls', call: 'seccomp', args: [SECCOMP_SET_MODE_FILTER, seccompFlags(profile), program] })
}
