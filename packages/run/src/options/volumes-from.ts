import { invalidOption } from '../error.ts'

/** Another container, whose volumes and binds are to be had. */
export interface VolumesFrom {
  /** Id or name. */
  readonly container: string
  /** Whatever they are there; as they are there unless given. */
  readonly readOnly?: true
}

/**
 * Reads `--volumes-from`: `name`, `name:ro`, `name:rw`.
 * @throws {RunError} `INVALID_OPTION`
 */
export function parseVolumesFrom(text: string): VolumesFrom {
  const [container = '', mode = 'rw', ...rest] = text.split(':')
  if (container === '' || rest.length > 0) throw invalidOption('volumes-from', text, 'not container[:ro|rw]')
  const modes = mode.split(',')
  const wrong = modes.find((word) => !['ro', 'rw', 'z', 'Z'].includes(word))
  if (wrong !== undefined) throw invalidOption('volumes-from', text, `no option is called ${JSON.stringify(wrong)}`)
  return modes.includes('ro') ? { container, readOnly: true } : { container }
}
