import { BuildError } from '../error.ts'
import type { VolumeInstruction } from '../instructions/volume.ts'
import { withStep } from '../stage/stage-state.ts'
import { expanded, type MetadataStep } from '../stage/step-context.ts'

export const volume: MetadataStep<VolumeInstruction> = (instruction, context) => {
  const { state } = context
  const paths = instruction.paths.map((path) => expanded(path, instruction, context))
  if (paths.includes('')) throw new BuildError('SYNTAX', 'VOLUME: a path must not be empty', { at: instruction.at })
  const Volumes = { ...state.config.Volumes, ...Object.fromEntries(paths.map((path) => [path, {}])) }
  return withStep({ ...state, config: { ...state.config, Volumes } }, { text: `VOLUME [${paths.join(' ')}]`, created: state.created })
}
