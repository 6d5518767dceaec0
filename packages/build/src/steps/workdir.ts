import { posix } from 'node:path'
import type { WorkdirInstruction } from '../instructions/workdir.ts'
import { layerStep } from '../stage/layer-step.ts'
import { expanded, type Step } from '../stage/step-context.ts'

/** Makes the directory where it is missing, owned by USER. */
export const workdir: Step<WorkdirInstruction> = async (instruction, context) => {
  const { state, signal } = context
  const { User: user = '', WorkingDir } = state.config
  const path = posix.resolve('/', WorkingDir ?? '/', expanded(instruction.path, instruction, context))
  const within = { ...context, state: { ...state, config: { ...state.config, WorkingDir: path } } }
  return await layerStep(within, {
    text: `WORKDIR ${path}`,
    inputs: { workdir: path, user },
    async make(overlay, threads) {
      const { isDirectory, userIn } = await import('../copy/stage-files.ts')
      const lowers = context.build.files.of(overlay.lowers)
      if (isDirectory(lowers, path)) return
      const owner = userIn(lowers, user)
      await threads.copy({ overlay, roots: [], sources: [], inline: [], destination: `${path}/`, workdir: '/', owner }, signal)
    },
  })
}
