import { slot, value } from '@gocker/kernel'
import { AT_FDCWD, TO_WRITE } from './constants.ts'
import type { Plan } from './plan.ts'

/** Right after /proc was mounted: nothing can have been mounted over its files (CVE-2025-52881), and they can still be written to. */
export function sysctls({ program, spec }: Plan): void {
  const file = slot('sysctl')
  for (const [name, text] of Object.entries(spec.linux.sysctl ?? {})) {
    const path = `/proc/sys/${name.replaceAll('.', '/')}`
    program.row({ name: `open sysctl ${name}`, call: 'openat', args: [AT_FDCWD, path, TO_WRITE], result: file })
    program.row({ name: `set sysctl ${name} to ${text}`, call: 'write', args: [value(file), text, Buffer.byteLength(text)] })
    program.row({ name: `close sysctl ${name}`, call: 'close', args: [value(file)] })
  }
}
