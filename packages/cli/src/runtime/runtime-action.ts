import type { Command } from 'commander'
import type { Global } from './global.ts'

/** Each command of the runtime, by its name: loaded when it is called. */
const ACTIONS = {
  create: () => import('./creation.ts').then((module) => module.create),
  run: () => import('./creation.ts').then((module) => module.run),
  start: () => import('./life.ts').then((module) => module.start),
  kill: () => import('./life.ts').then((module) => module.kill),
  delete: () => import('./life.ts').then((module) => module.remove),
  pause: () => import('./life.ts').then((module) => module.pause),
  resume: () => import('./life.ts').then((module) => module.resume),
  exec: () => import('./exec.ts').then((module) => module.exec),
  events: () => import('./events.ts').then((module) => module.events),
  state: () => import('./looking.ts').then((module) => module.state),
  list: () => import('./looking.ts').then((module) => module.list),
  ps: () => import('./looking.ts').then((module) => module.ps),
  features: () => import('./looking.ts').then((module) => module.features),
  spec: () => import('./looking.ts').then((module) => module.spec),
  version: () => import('./looking.ts').then((module) => module.version),
  update: () => import('./update.ts').then((module) => module.update),
} as const satisfies Record<string, () => Promise<Action>>

/** @returns the exit code, where it is not 0 */
export type Action = (call: Call) => Promise<number | undefined>

/** What a command of the runtime is called with. */
export interface Call {
  readonly global: Global
  readonly words: readonly (string | readonly string[] | undefined)[]
  // What commander has read of a command's flags.
  readonly flags: Readonly<Record<string, unknown>>
}

/** Exit codes of failures, as runc has them. */
const FAILED = 1
const EXEC_FAILED = 255

/** What commander calls: errors are told as callers of a runtime read them. */
export function runtimeAction(name: keyof typeof ACTIONS): (...call: unknown[]) => Promise<void> {
  return async (...call) => {
    const command = call.at(-1) as Command
    const flags = call.at(-2) as Call['flags']
    const { checkGlobal, globalFrom, report } = await import('./global.ts')
    const global = globalFrom(name === 'version' ? flags : (command.parent?.opts() ?? {}))
    try {
      checkGlobal(global)
      const action: Action = await ACTIONS[name]()
      process.exitCode =
        (await action({ global, words: name === 'version' ? command.args : (call.slice(0, -2) as Call['words']), flags })) ?? 0
    } catch (error) {
      report(error, global)
      process.exitCode = name === 'exec' ? EXEC_FAILED : FAILED
    }
  }
}
