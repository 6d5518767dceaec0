import { shown } from '@gocker/kernel'
import { RunError } from '../error.ts'
import type { PlanWith } from './plan.ts'

/** @see personality(2) */
const DOMAINS: Readonly<Record<string, number>> = { LINUX: 0, LINUX32: 0x0008 }

/** What kind of machine the kernel says that it is. @throws {RunError} `INVALID_OPTION`, `UNSUPPORTED` */
export function personality({ program, spec }: PlanWith): void {
  const { personality: asked } = spec.linux
  if (asked === undefined) return
  const { domain, flags = [] } = asked
  const number = DOMAINS[domain]
  if (number === undefined)
    throw new RunError('INVALID_OPTION', `choosing personality ${JSON.stringify(domain)}: there is ${Object.keys(DOMAINS).join(', ')}`)
  // The runtime spec leaves room for flags, and names none.
  if (flags.length > 0) throw new RunError('UNSUPPORTED', `choosing personality flags ${flags.join(', ')}: none are known`)
  program.row({ name: `be ${domain}`, call: 'personality', args: [shown(number, `PER_${domain}`)], isolates: 'personality' })
}
