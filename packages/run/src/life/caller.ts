/**
 * How gocker is called again, when nobody of it is there any more: to clean up after a detached container, and to start one again.
 * The library adds the words behind `gocker`.
 */
export interface Caller {
  /** Such as node and the script. */
  readonly command: readonly string[]
  /** `NAME=value`; where the store is, among others. */
  readonly env: readonly string[]
}

/** What cleans up after a container: `gocker container cleanup ID`. */
export function cleanupCall({ command, env }: Caller, id: string): { args: readonly string[]; env: readonly string[] } {
  return { args: [...command, 'container', 'cleanup', id], env }
}

/** What starts a container again: `gocker container restart-after ID`. */
export function comebackCall({ command, env }: Caller, id: string): { args: readonly string[]; env: readonly string[] } {
  return { args: [...command, 'container', 'restart-after', id], env }
}
