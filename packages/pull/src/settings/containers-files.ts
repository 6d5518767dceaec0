import { userConfig } from './config-places.ts'
import { dropIns, readToml, TomlReader } from './toml-file.ts'

const SYSTEM = '/etc/containers/registries.conf'

export interface ContainersFile {
  readonly path: string
  readonly reader: TomlReader
}

/**
 * The files in which containers' tools have been told of registries, what is later goes before what is earlier: the file that
 * `CONTAINERS_REGISTRIES_CONF` names, else the user's, else the system's; then the drop-in directories.
 * @throws {PullError} `INVALID_OPTION`
 */
export async function containersFiles(environment: NodeJS.ProcessEnv): Promise<readonly ContainersFile[]> {
  const { CONTAINERS_REGISTRIES_CONF: named } = environment
  const user = userConfig(environment, 'containers', 'registries.conf')
  const files: ContainersFile[] = []
  const add = async (path: string): Promise<boolean> => {
    const table = await readToml(path)
    if (table !== undefined) files.push({ path, reader: new TomlReader(table, path) })
    return table !== undefined
  }
  for (const path of named ? [named] : [user, SYSTEM]) if (await add(path)) break
  for (const path of [...(await dropIns(`${SYSTEM}.d`)), ...(await dropIns(`${user}.d`))]) await add(path)
  return files
}
