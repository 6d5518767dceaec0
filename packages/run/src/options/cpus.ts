import { invalidOption } from '../error.ts'

/**
 * Reads `1.5`: so many processors' worth of time.
 * @throws {RunError} `INVALID_OPTION`
 */
export function parseCpus(text: string): number {
  const cpus = /^\d*\.?\d+$/.test(text) ? Number(text) : Number.NaN
  if (Number.isNaN(cpus)) throw invalidOption('cpus', text, 'not a number', 'write it as 1.5')
  if (cpus !== 0 && cpus < 0.01) throw invalidOption('cpus', text, 'less than 0.01')
  return cpus
}
