import { KernelError } from '../../../error.ts'
import type { Expression } from '../expression.ts'
import { compare } from '../expressions/compare.ts'
import { loadMeta } from '../expressions/load.ts'

const IFNAMSIZ = 16

/** Packets that come in by the link of this name, whether it is there yet or not. */
export function cameBy(link: string): Expression[] {
  return [loadMeta('iifname'), compare('equal', interfaceName(link))]
}

/** Packets that go out by the link of this name. */
export function leavesBy(link: string): Expression[] {
  return [loadMeta('oifname'), compare('equal', interfaceName(link))]
}

/** Packets that go out by any other link. */
export function leavesNotBy(link: string): Expression[] {
  return [loadMeta('oifname'), compare('unequal', interfaceName(link))]
}

function interfaceName(link: string): Buffer {
  const name = Buffer.alloc(IFNAMSIZ)
  const size = Buffer.byteLength(link)
  if (size === 0 || size >= IFNAMSIZ)
    throw new KernelError('EINVAL', `reading link name ${JSON.stringify(link)}: EINVAL (expected 1 to ${IFNAMSIZ - 1} bytes)`, {
      syscall: 'netlink',
    })
  name.write(link)
  return name
}
