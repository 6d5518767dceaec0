import { MNT_DETACH, shown } from '@gocker/kernel'
import { ROOT_GIVEN } from './given.ts'
import type { Plan } from './plan.ts'

/**
 * From here on every path means what it means in the container: no symlink of the image's or of a volume's can lead out
 * (CVE-2021-30465). What is still needed of the host was taken hold of before.
 * @see pivot_root(2), "pivot_root(".", ".")"
 */
export function pivotRoot({ program, facts }: Plan): void {
  const { mountPoint } = facts.overlay
  // By its descriptor where the container's root is not let through the host's directories.
  const given = facts.rootGiven === true
  const [call, args] = given ? (['fchdir', [program.descriptor(ROOT_GIVEN)]] as const) : (['chdir', [mountPoint]] as const)
  program.row({ name: `go to ${mountPoint}`, call, args, isolates: 'the switch: the host has no path any more' })
  program.row({ name: 'make it the root, the old one over it', call: 'pivot_root', args: ['.', '.'] })
  program.row({ name: 'take the old root away', call: 'umount2', args: ['.', shown(MNT_DETACH, 'MNT_DETACH')] })
  program.row({ name: 'go to the new root', call: 'chdir', args: ['/'] })
}
