import type { LabelInstruction } from '../instructions/label.ts'
import { withStep } from '../stage/stage-state.ts'
import { expanded, type MetadataStep } from '../stage/step-context.ts'

export const label: MetadataStep<LabelInstruction> = (instruction, context) => {
  const { state } = context
  const pairs = instruction.pairs.map(
    ({ name, value }) => [expanded(name, instruction, context), expanded(value, instruction, context)] as const,
  )
  const Labels = { ...state.config.Labels, ...Object.fromEntries(pairs) }
  const text = `LABEL ${pairs.map(([name, value]) => `${name}=${value}`).join(' ')}`
  return withStep({ ...state, config: { ...state.config, Labels } }, { text, created: state.created })
}
