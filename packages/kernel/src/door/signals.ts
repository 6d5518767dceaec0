import { constants } from 'node:os'
import { KernelError } from '../error.ts'

/** `SIGTERM` to 15. The real-time signals have no names of their own here. @see signal(7) */
export const SIGNALS: Readonly<Record<string, number>> = constants.signals

// As the C library counts them: it keeps the kernel's first two for itself.
const RTMIN = 34
const RTMAX = 64

/** `SIGTERM` of 15, `SIGRTMIN+3` of 37, undefined of what is no signal. */
export function signalName(number: number): string | undefined {
  if (number >= RTMIN && number <= RTMAX) return number === RTMIN ? 'SIGRTMIN' : `SIGRTMIN+${number - RTMIN}`
  return PREFERRED[number] ?? Object.entries(SIGNALS).find(([, known]) => known === number)?.[0]
}

/** Numbers with two names. */
const PREFERRED: Readonly<Record<number, string>> = { 6: 'SIGABRT', 29: 'SIGIO' }

/**
 * Reads `SIGTERM`, `term`, `15`, `RTMIN+3`.
 * @throws {KernelError} `EINVAL`
 */
export function signalNumber(text: string): number {
  const name = text.toUpperCase().replace(/^SIG/, '')
  const number = /^\d+$/.test(name) ? Number(name) : (SIGNALS[`SIG${name}`] ?? realTimeSignal(name))
  if (number !== undefined && number >= 1 && number <= RTMAX) return number
  throw new KernelError('EINVAL', `reading signal ${JSON.stringify(text)}: neither a signal's name nor a number from 1 to 64`, {
    syscall: 'kill',
  })
}

function realTimeSignal(name: string): number | undefined {
  const [, border, , offset = '0'] = /^(RTMIN|RTMAX)(([+-]\d+))?$/.exec(name) ?? []
  if (border === undefined) return undefined
  const number = (border === 'RTMIN' ? RTMIN : RTMAX) + Number(offset)
  return number >= RTMIN ? number : undefined
}
