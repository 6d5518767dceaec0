import { RunError } from '../error.ts'

/** Where the runtime keeps its containers, and how it was told to work. */
export interface RuntimeHome {
  /** Absolute. */
  readonly root: string
  /** Cgroups are named in systemd's way: `slice:prefix:name`. */
  readonly systemdCgroup?: boolean
}

/** The files of one container. */
export interface RuntimePlace {
  readonly id: string
  readonly directory: string
  /** What is known of the container, as JSON. */
  readonly state: string
  /** The bundle's `config.json` as it was when the container was created. */
  readonly config: string
  /** A socket; while it is there the container waits to be started. */
  readonly start: string
  /** What the rows are called that can fail when it is started, as JSON. */
  readonly rows: string
}

/** @throws {RunError} `INVALID_OPTION` for what no container can be called */
export function placeOf({ root }: RuntimeHome, id: string): RuntimePlace {
  if (!/^[\w.+-]+$/.test(id) || id === '.' || id === '..' || id.length > 1024)
    throw new RunError('INVALID_OPTION', `naming container ${JSON.stringify(id)}: letters, digits and _ . + - only`)
  const directory = `${root}/${id}`
  return {
    id,
    directory,
    state: `${directory}/state.json`,
    config: `${directory}/config.json`,
    start: `${directory}/start`,
    rows: `${directory}/rows.json`,
  }
}
