import { posix } from 'node:path'
import { layeredTree } from '../context/layered-tree.ts'
import { resolveLinks } from '../context/select.ts'
import { accountFileOf } from '../copy/account-file.ts'
import { copyFiles } from '../copy/copy.ts'
import { type Owner, ownerIn } from '../copy/owner.ts'
import type { WorkdirInstruction } from '../instructions/workdir.ts'
import { layerStep } from '../stage/layer-step.ts'
import { withStep } from '../stage/stage-state.ts'
import { expanded, type Step, type StepContext } from '../stage/step-context.ts'
import { directoriesOf } from './file-attributes.ts'

/** Makes the directory where it is missing, owned by USER. */
export const workdir: Step<WorkdirInstruction> = async (instruction, context) => {
  const { state, signal } = context
  const path = posix.resolve('/', state.config.WorkingDir ?? '/', expanded(instruction.path, instruction, context))
  const within = { ...context, state: { ...state, config: { ...state.config, WorkingDir: path } } }
  const text = `WORKDIR ${path}`
  const directories = directoriesOf(context)
  if (isDirectory(path, directories)) return withStep(within.state, { text, created: state.created })
  const owner = userOf(context, directories)
  return await layerStep(within, {
    text,
    inputs: { workdir: path, owner },
    make: (overlay) => copyFiles({ overlay, roots: [], sources: [], inline: [], destination: `${path}/`, workdir: '/', owner }, signal),
  })
}

/** Who is not there yet when the directory is made cannot own it. */
function userOf({ state }: StepContext, directories: readonly string[]): Owner {
  try {
    return ownerIn(accountFileOf(directories), state.config.User ?? '')
  } catch {
    return { uid: 0, gid: 0 }
  }
}

function isDirectory(path: string, directories: readonly string[]): boolean {
  const tree = layeredTree(directories)
  const resolved = resolveLinks(tree, path)
  return resolved === '' || (resolved !== undefined && tree.entry(resolved)?.type === 'directory')
}
