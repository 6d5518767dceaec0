import { parseMemory, RunError } from '@gocker/run'
import { wholeNumber } from './option-values.ts'

/** Docker's names of what gocker's own log is for. */
const OWN = ['gocker', 'json-file', 'local']

/** @throws {RunError} `INVALID_OPTION` */
export function readLogDriver(text: string): { driver: 'gocker' | 'none' } {
  if (text === 'none') return { driver: 'none' }
  if (OWN.includes(text)) return { driver: 'gocker' }
  throw new RunError('INVALID_OPTION', `reading log-driver ${JSON.stringify(text)}: there is gocker, and none`, {
    hint: 'gocker logs -f hands the output on to whatever reads it',
  })
}

/** @throws {RunError} `INVALID_OPTION` */
export function readLogOption(text: string): [string, number] {
  const [name = '', value = ''] = text.split(/=(.*)/s)
  if (name === 'max-size') return ['maxSize', parseMemory(value, name)]
  if (name === 'max-file') return ['maxFiles', atLeastOne(wholeNumber(value, name), text)]
  throw new RunError('INVALID_OPTION', `reading log-opt ${JSON.stringify(text)}: there are max-size and max-file`)
}

function atLeastOne(count: number, text: string): number {
  if (count >= 1 && count <= 100) return count
  throw new RunError('INVALID_OPTION', `reading log-opt ${JSON.stringify(text)}: not 1 to 100 files`)
}
