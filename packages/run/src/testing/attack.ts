import type { ContainerOptions } from '../options/container-options.ts'
import { type Sandbox, shell, until } from './sandbox.ts'

/** A container that goes on with what it does while something else is done. @param script says `ready` when it is in full swing */
export async function whileAttacked(
  { create }: Sandbox,
  script: string,
  options: Partial<ContainerOptions>,
  act: (container: { readonly id: string }) => Promise<void>,
): Promise<void> {
  const container = await create({ ...options, command: shell(script) })
  const running = await container.start({})
  try {
    await until(running, /ready/)
    await act(container)
  } finally {
    running.kill('SIGKILL')
    await running.exited
    await container.remove()
  }
}

/** Shell that swaps a directory and a symlink for one another for as long as it lives. */
export function swapping(directory: string, link: string): string {
  return `while :; do mv ${directory} ${directory}.x; mv ${link} ${directory}; mv ${directory} ${link}; mv ${directory}.x ${directory}; done`
}

/** Climbs to the root from wherever a symlink is. */
export const OUT = '../'.repeat(20)
