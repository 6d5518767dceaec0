import { invalidOption } from '../error.ts'

/** Whose ids a container has: those of gocker, the same but for the caller's own, or a range that is nobody else's. */
export type UserNamespaceRequest = { readonly mode: 'host' } | { readonly mode: 'keep-id' } | AutomaticIds

export interface AutomaticIds {
  readonly mode: 'auto'
  /** How many ids; as many as the image has users for, unless given. */
  readonly size?: number
}

const LARGEST = 2 ** 24

/**
 * Reads `--userns`: `host`, `keep-id`, `auto`, `auto:size=65536`; nothing is `host`.
 * @throws {RunError} `INVALID_OPTION`
 * @see podman-run(1), --userns
 */
export function parseUserNamespace(text: string): UserNamespaceRequest {
  const [mode = '', ...rest] = text.split(':')
  const options = rest.join(':')
  if (mode === 'auto') return { mode, ...(options !== '' && { size: sizeOf(options, text) }) }
  if (options !== '') throw invalidOption('userns', text, `${mode} takes no options`)
  if (mode === '' || mode === 'host') return { mode: 'host' }
  if (mode === 'keep-id') return { mode }
  throw invalidOption('userns', text, 'neither auto, host nor keep-id')
}

function sizeOf(options: string, text: string): number {
  const size = Number(/^size=(\d+)$/.exec(options)?.[1])
  if (Number.isInteger(size) && size > 0 && size <= LARGEST) return size
  throw invalidOption('userns', text, `auto takes size=NUMBER, at most ${LARGEST}`)
}
