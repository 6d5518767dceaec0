import { slot, struct, value } from '@gocker/kernel'
import { AT_FDCWD, HOLD_DIRECTORY, OPEN_HOW_SIZE, RESOLVE_BENEATH, RESOLVE_NO_SYMLINKS, RESOLVE_NO_XDEV, TO_WRITE } from './constants.ts'
import { requireProc } from './mount-point.ts'
import type { Plan } from './plan.ts'

/**
 * Right after /proc was mounted, when they can still be written to; and only into the kernel's own /proc, and what is mounted in it not at
 * all (CVE-2025-52881).
 */
export function sysctls(plan: Plan): void {
  const { program, spec } = plan
  const settings = Object.entries(spec.linux.sysctl ?? {})
  if (settings.length === 0) return
  const [proc, file] = [slot('/proc'), slot('sysctl')]
  program.row({ name: 'find /proc', call: 'openat', args: [AT_FDCWD, '/proc', HOLD_DIRECTORY], result: proc })
  requireProc(plan, proc)
  const how = struct([TO_WRITE, 0, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV])
  for (const [name, text] of settings) {
    const path = `sys/${name.replaceAll('.', '/')}`
    program.row({ name: `open sysctl ${name}`, call: 'openat2', args: [value(proc), path, how, OPEN_HOW_SIZE], result: file })
    program.row({ name: `set sysctl ${name} to ${text}`, call: 'write', args: [value(file), text, Buffer.byteLength(text)] })
    program.row({ name: `close sysctl ${name}`, call: 'close', args: [value(file)] })
  }
  program.row({ name: 'let go of /proc', call: 'close', args: [value(proc)] })
}
