import { MNT_DETACH, shown } from '@gocker/kernel'
import type { Plan } from './plan.ts'

/**
 * From here on every path means what it means in the container: no symlink of the image's or of a volume's can lead out
 * (CVE-2021-30465). What is still needed of the host was taken hold of before.
 * @see pivot_root(2), "pivot_root(".", ".")"
 */
export function pivotRoot({ program, facts }: Plan): void {
  const { mountPoint } = facts.overlay
  program.row({ name: `go to ${mountPoint}`, call: 'chdir', args: [mountPoint], isolates: 'the switch: the host has no path any more' })
  program.row({ name: 'make it the root, the old one over it', call: 'pivot_root', args: ['.', '.'] })
  program.row({ name: 'take the old root away', call: 'umount2', args: ['.', shown(MNT_DETACH, 'MNT_DETACH')] })
  program.row({ name: 'go to the new root', call: 'chdir', args: ['/'] })
}
