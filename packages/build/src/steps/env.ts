import type { EnvInstruction } from '../instructions/env.ts'
import { environmentOf, withStep } from '../stage/stage-state.ts'
import { expanded, type Step } from '../stage/step-context.ts'

/** Each value is expanded with what was set before the instruction, not by the pairs beside it. */
export const env: Step<EnvInstruction> = (instruction, context) => {
  const { state } = context
  const pairs = instruction.pairs.map(
    ({ name, value }) => [expanded(name, instruction, context), expanded(value, instruction, context)] as const,
  )
  const environment = environmentOf(state.config)
  for (const [name, value] of pairs) environment.set(name, value)
  const lines = Array.from(environment, ([name, value]) => `${name}=${value}`)
  const text = `ENV ${pairs.map(([name, value]) => `${name}=${value}`).join(' ')}`
  return withStep({ ...state, config: { ...state.config, Env: lines } }, { text, created: state.created })
}
