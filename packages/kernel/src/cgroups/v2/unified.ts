import type { Setting } from '../controller.ts'
import { cannotHold } from '../files.ts'
import type { Resources } from '../resources.ts'

/**
 * Files of the v2 tree that were asked by their names.
 * @throws {KernelError} `UNSUPPORTED` for a name that is no controller's file
 * @see https://github.com/opencontainers/runtime-spec/blob/main/config-linux.md#unified
 */
export function unifiedSettings({ unified = {} }: Resources): Setting[] {
  return Object.entries(unified).map(([file, value]) => {
    if (!/^[a-z_]+\.[\w.]+$/.test(file)) throw cannotHold('unified', `${JSON.stringify(file)} is no name of a controller's file`)
    return { file, value }
  })
}

/** The controllers that those files need: `memory` of `memory.high`. */
export function unifiedControllers({ unified = {} }: Resources): string[] {
  const names = Object.keys(unified).map((file) => file.split('.')[0] as string)
  return [...new Set(names)].filter((name) => name !== 'cgroup')
}
