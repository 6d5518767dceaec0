import type { EnvInstruction } from '../instructions/env.ts'
import { environmentOf, withStep } from '../stage/stage-state.ts'
import { expanded, type MetadataStep } from '../stage/step-context.ts'

/** Each value is expanded with what was set before the instruction, not by the pairs beside it. It goes over an ARG of the same name. */
export const env: MetadataStep<EnvInstruction> = (instruction, context) => {
  const { state } = context
  const pairs = instruction.pairs.map(
    ({ name, value }) => [expanded(name, instruction, context), expanded(value, instruction, context)] as const,
  )
  const environment = environmentOf(state.config)
  const variables = new Map(state.variables)
  for (const [name, value] of pairs) {
    environment.set(name, value)
    variables.set(name, value)
  }
  const Env = Array.from(environment, ([name, value]) => `${name}=${value}`)
  const text = `ENV ${pairs.map(([name, value]) => `${name}=${value}`).join(' ')}`
  return withStep({ ...state, variables, config: { ...state.config, Env } }, { text, created: state.created })
}
