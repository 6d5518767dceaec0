import { execute } from '../door/execute.ts'
import { keepOverExec } from '../door/inheritance.ts'
import { hostArchitecture } from './architecture.ts'
import { encodeProgram } from './encode.ts'
import { withExecutable } from './executable.ts'
import type { LaunchProgram } from './program.ts'

export interface BecomeOptions {
  /** What ps(1) shows, such as `gocker: web`. */
  readonly title: string
  /** Where a file may be made, should memory not be executable here; it stays. */
  readonly directory?: string
}

/**
 * Puts a program into the place of this process, whose pid, terminal and signals it has from then on. Nobody hears of a row that fails: the
 * program itself has to say what it came to.
 * @throws {KernelError} where it cannot be started; otherwise it does not return
 */
export function become(program: LaunchProgram, { title, directory }: BecomeOptions): never {
  // Node keeps them for itself.
  for (const descriptor of [0, 1, 2]) keepOverExec(descriptor)
  const image = encodeProgram(program, hostArchitecture())
  return withExecutable(image, { directory, start: (path) => execute({ path, args: [title], env: [] }) })
}
