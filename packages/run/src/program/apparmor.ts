import { slot, value } from '@gocker/kernel'
import { AT_FDCWD, TO_WRITE } from './constants.ts'
import type { PlanWith } from './plan.ts'

/**
 * What is executed next is confined by a profile. By the host's /proc, which nobody in the container can have replaced.
 * @see apparmor(7), aa_change_onexec(2)
 */
export function confine({ program, spec }: PlanWith): void {
  const { apparmorProfile } = spec.process
  if (apparmorProfile === undefined || apparmorProfile === '') return
  const file = slot('profile of AppArmor')
  const text = `exec ${apparmorProfile}`
  const opening = { call: 'openat', result: file, isolates: `AppArmor: confined by ${apparmorProfile}` } as const
  const attributes = '/proc/self/attr'
  // Before Linux 5.8 there is one place for all modules.
  const args = [AT_FDCWD, `${attributes}/apparmor/exec`, TO_WRITE]
  program.row({ name: 'open the profile', ...opening, args, pass: ['ENOENT'], onError: 'of any module', onPositive: 'of AppArmor' })
  program.label('of any module')
  program.row({ name: 'open the profile of any module', ...opening, args: [AT_FDCWD, `${attributes}/exec`, TO_WRITE] })
  program.label('of AppArmor')
  program.row({ name: `confine it by ${apparmorProfile}`, call: 'write', args: [value(file), text, Buffer.byteLength(text)] })
  program.row({ name: 'close the profile', call: 'close', args: [value(file)] })
}
