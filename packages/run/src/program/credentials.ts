import { bytes, CAPABILITIES, type Capability, capabilityMask, encodeCapset } from '@gocker/kernel'
import {
  PR_CAP_AMBIENT,
  PR_CAP_AMBIENT_CLEAR_ALL,
  PR_CAP_AMBIENT_RAISE,
  PR_CAPBSET_DROP,
  PR_SET_KEEPCAPS,
  PR_SET_NO_NEW_PRIVS,
} from './constants.ts'
import type { PlanWith } from './plan.ts'

/**
 * Root's rights, cut down: first what can never come back, then the user, and then the sets, since a change of user changes them.
 * @see capabilities(7)
 */
export function credentials(plan: PlanWith<'lastCapability' | 'singleId'>): void {
  if (plan.spec.process.capabilities !== undefined) dropBounding(plan)
  becomeUser(plan)
  if (plan.spec.process.capabilities !== undefined) setCapabilities(plan)
}

export function noNewPrivileges({ program, spec }: PlanWith): void {
  if (spec.process.noNewPrivileges)
    program.row({ name: 'gain no privilege by exec any more', call: 'prctl', args: [PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0] })
}

function dropBounding({ program, spec, facts }: PlanWith<'lastCapability'>): void {
  const kept = new Set(spec.process.capabilities?.bounding)
  for (const [name, bit] of Object.entries(CAPABILITIES)) {
    if (kept.has(name) || bit > facts.lastCapability) continue
    program.row({
      name: `drop ${name} for good`,
      call: 'prctl',
      args: [PR_CAPBSET_DROP, bit, 0, 0, 0],
      isolates: "capabilities: those of root's rights that a container needs",
    })
  }
}

function becomeUser({ program, spec, facts }: PlanWith<'singleId'>): void {
  const { uid, gid, additionalGids = [] } = spec.process.user
  program.row({
    name: 'keep capabilities over the change of user',
    call: 'prctl',
    args: [PR_SET_KEEPCAPS, 1, 0, 0, 0],
    isolates: 'user and groups',
  })
  const groups = bytes(Buffer.from(Uint32Array.from(additionalGids).buffer))
  const list = additionalGids.length === 0 ? 0 : groups
  program.row({
    name: `have groups ${additionalGids.join(', ') || 'none'} beside its own`,
    call: 'setgroups',
    args: [additionalGids.length, list],
    // Who has given himself the one id may not: his groups could deny him something.
    ...(facts.singleId === true && { pass: ['EPERM'] }),
  })
  program.row({ name: `be group ${gid}`, call: 'setresgid', args: [gid, gid, gid] })
  program.row({ name: `be user ${uid}`, call: 'setresuid', args: [uid, uid, uid] })
}

function setCapabilities({ program, spec }: PlanWith): void {
  const { effective = [], permitted = [], inheritable = [], ambient = [] } = spec.process.capabilities ?? {}
  const { header, data } = encodeCapset({ effective: mask(effective), permitted: mask(permitted), inheritable: mask(inheritable) })
  program.row({ name: `keep ${effective.length} capabilities`, call: 'capset', args: [bytes(header), bytes(data)] })
  program.row({
    name: 'give none on by itself',
    call: 'prctl',
    args: [PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0],
  })
  for (const name of ambient) {
    const bit = CAPABILITIES[name as Capability]
    program.row({ name: `give on ${name}`, call: 'prctl', args: [PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, bit, 0, 0] })
  }
}

function mask(names: readonly string[]): bigint {
  return capabilityMask(names as readonly Capability[])
}
