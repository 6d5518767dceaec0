import { KernelError, type NetlinkSocket, openNetlink, type TableName } from '@gocker/kernel'
import { RunError } from '../error.ts'

/** The kernel's two doors to this machine's network. */
export interface Machine {
  readonly route: NetlinkSocket<'route'>
  /** Opened when it is asked for: not everything needs rules. */
  readonly netfilter: NetlinkSocket<'netfilter'>
  close(): void
}

/** Where all rules of gocker's are. */
export const TABLE: TableName = { family: 'inet', name: 'gocker' }

/** @throws {KernelError} */
export function openMachine(): Machine {
  const route = openNetlink({ protocol: 'route' })
  let netfilter: NetlinkSocket<'netfilter'> | undefined
  return {
    route,
    get netfilter() {
      netfilter ??= openNetlink({ protocol: 'netfilter' })
      return netfilter
    },
    close() {
      route.close()
      netfilter?.close()
    },
  }
}

/** Does `work` with an open machine, and says what the kernel's refusals mean. @throws {RunError} `NETWORK_FAILED` */
export async function withMachine<T>(what: string, work: (machine: Machine) => Promise<T> | T): Promise<T> {
  const machine = explained(what, openMachine)
  try {
    return await work(machine)
  } catch (error) {
    throw networkFailure(what, error)
  } finally {
    machine.close()
  }
}

/** As withMachine, for work that goes on with what is open. */
export function explained<T>(what: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw networkFailure(what, error)
  }
}

/** What a refusal of the kernel means to who wanted a network; anything else is given back as it is. */
export function networkFailure(what: string, cause: unknown): unknown {
  if (!(cause instanceof KernelError)) return cause
  const hint = MEANINGS.find(({ codes, pattern }) => codes.includes(cause.code) && pattern.test(cause.message))?.hint
  return new RunError('NETWORK_FAILED', `${what}: ${cause.message}`, { cause, ...(hint !== undefined && { hint }) })
}

const INSTEAD = '--network host and --network none need nothing of it'
const MEANINGS: readonly { codes: readonly string[]; pattern: RegExp; hint: string }[] = [
  { codes: ['EPERM', 'EACCES'], pattern: /./, hint: `it needs CAP_NET_ADMIN over this machine's network; ${INSTEAD}` },
  { codes: ['EOPNOTSUPP'], pattern: /newlink/, hint: `this kernel has no bridge or veth devices (modules bridge, veth); ${INSTEAD}` },
  {
    codes: ['EPROTONOSUPPORT', 'EOPNOTSUPP', 'EINVAL', 'ENOENT'],
    pattern: /netlink (protocol 12|newtable|newchain|newrule|batch|getgen)|socket netlink/,
    hint: `this kernel has no nf_tables with NAT, or not enough of it (modules nf_tables, nft_chain_nat, nft_masq, nft_fib_inet); ${INSTEAD}`,
  },
]
