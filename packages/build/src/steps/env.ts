import type { EnvInstruction } from '../instructions/env.ts'
import { environmentOf, withStep } from '../stage/stage-state.ts'
import { expanded, type Step } from '../stage/step-context.ts'

/** Each value is expanded with what was set before the instruction, not by the pairs beside it. An ARG of the same name follows. */
export const env: Step<EnvInstruction> = (instruction, context) => {
  const { state } = context
  const pairs = instruction.pairs.map(
    ({ name, value }) => [expanded(name, instruction, context), expanded(value, instruction, context)] as const,
  )
  const environment = environmentOf(state.config)
  const args = new Map(state.args)
  for (const [name, value] of pairs) {
    environment.set(name, value)
    if (args.has(name)) args.set(name, value)
  }
  const Env = Array.from(environment, ([name, value]) => `${name}=${value}`)
  const text = `ENV ${pairs.map(([name, value]) => `${name}=${value}`).join(' ')}`
  return withStep({ ...state, args, config: { ...state.config, Env } }, { text, created: state.created })
}
