import type { Healthcheck } from '@gocker/oci'
import { commandForm } from './arguments.ts'
import { nanoseconds } from './duration.ts'
import { type InstructionKind, type InstructionText, refuse, type Written } from './instruction.ts'

export interface HealthcheckInstruction extends Written {
  readonly kind: 'HEALTHCHECK'
  readonly check: Healthcheck
}

const DURATIONS = { interval: 'Interval', timeout: 'Timeout', 'start-period': 'StartPeriod', 'start-interval': 'StartInterval' } as const

export const healthcheck: InstructionKind<HealthcheckInstruction> = {
  keyword: 'HEALTHCHECK',
  parse(text) {
    const flags = { ...durations(text), ...retries(text) }
    text.flags.finish()
    const [, kind = '', rest = ''] = /^(\S*)\s*([\s\S]*)$/.exec(text.rest) ?? []
    const type = kind.toUpperCase()
    if (type === 'NONE' && rest === '') return { kind: 'HEALTHCHECK', ...text.written, check: { Test: ['NONE'] } }
    if (type === 'NONE') refuse(text, 'NONE takes no arguments')
    if (type !== 'CMD') refuse(text, `${JSON.stringify(kind)} is neither CMD nor NONE`)
    if (rest === '') refuse(text, 'CMD needs a command')
    return { kind: 'HEALTHCHECK', ...text.written, check: { Test: testOf({ ...text, rest }), ...flags } }
  },
}

function testOf(text: InstructionText): string[] {
  const command = commandForm(text)
  return command.form === 'exec' ? ['CMD', ...command.words] : ['CMD-SHELL', command.line]
}

/** Nanoseconds; 0 is the same as nothing. */
function durations(text: InstructionText): Partial<Healthcheck> {
  const given = Object.entries(DURATIONS).flatMap(([flag, field]) => {
    const value = text.flags.text(flag) || '0'
    const duration = durationOf(text, flag, value)
    return duration === 0 ? [] : [[field, duration] as const]
  })
  return Object.fromEntries(given)
}

function durationOf(text: InstructionText, flag: string, value: string): number {
  const duration = nanoseconds(value)
  if (duration === undefined || duration < 0)
    return refuse(text, `--${flag}: ${JSON.stringify(value)} is no duration`, 'such as 30s or 1m30s')
  if (duration > 0 && duration < 1_000_000) return refuse(text, `--${flag}: ${value} is less than 1ms`)
  return duration
}

function retries(text: InstructionText): Partial<Healthcheck> {
  const value = text.flags.text('retries') || '0'
  if (!/^\+?\d{1,9}$/.test(value)) return refuse(text, `--retries: ${JSON.stringify(value)} is no number of tries`)
  return Number(value) === 0 ? {} : { Retries: Number(value) }
}
