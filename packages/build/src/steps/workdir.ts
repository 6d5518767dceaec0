import { posix } from 'node:path'
import { layeredTree } from '../context/layered-tree.ts'
import { resolveLinks } from '../context/select.ts'
import { copyFiles } from '../copy/copy.ts'
import type { WorkdirInstruction } from '../instructions/workdir.ts'
import { layerStep } from '../stage/layer-step.ts'
import { withStep } from '../stage/stage-state.ts'
import { expanded, type Step, type StepContext } from '../stage/step-context.ts'

/** Makes the directory where it is missing, owned by root, whoever USER is. */
export const workdir: Step<WorkdirInstruction> = async (instruction, context) => {
  const { state, signal } = context
  const path = posix.resolve('/', state.config.WorkingDir ?? '/', expanded(instruction.path, instruction, context))
  const within = { ...context, state: { ...state, config: { ...state.config, WorkingDir: path } } }
  const text = `WORKDIR ${path}`
  if (isDirectory(path, context)) return withStep(within.state, { text, created: state.created })
  return await layerStep(within, {
    text,
    inputs: { workdir: path },
    make: (overlay) => copyFiles({ overlay, roots: [], sources: [], inline: [], destination: path, workdir: '/' }, signal),
  })
}

function isDirectory(path: string, { state, build }: StepContext): boolean {
  const { layers } = build.options.store
  const tree = layeredTree(state.layers.map(({ diffID }) => layers.path(diffID)).reverse())
  const resolved = resolveLinks(tree, path)
  return resolved === '' || (resolved !== undefined && tree.entry(resolved)?.type === 'directory')
}
