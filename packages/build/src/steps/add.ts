import { BuildError } from '../error.ts'
import type { AddInstruction } from '../instructions/add.ts'
import type { Step } from '../stage/step-context.ts'
import { copy } from './copy.ts'

const REMOTE = /^(?:https?:\/\/|git@|git:\/\/|ssh:\/\/)/
const ARCHIVE = /\.(?:tar|tar\.(?:gz|xz|bz2|zst)|tgz|txz|tbz2?)$/

/** Local files, as COPY takes them. */
export const add: Step<AddInstruction> = (instruction, context) => {
  const remote = instruction.sources.find((source) => REMOTE.test(source) || (ARCHIVE.test(source) && instruction.unpack !== false))
  if (remote !== undefined)
    throw new BuildError('UNSUPPORTED', `ADD: ${remote} is not supported yet: neither URLs nor archives are`, { at: instruction.at })
  return copy({ ...instruction, kind: 'COPY', parents: false }, context)
}
