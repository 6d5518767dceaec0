import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ContainerConfig } from '@gocker/oci'
import { makeTemporaryDirectory, removeTree, startCommand } from '@gocker/testkit'
import type { Made } from './comparing.ts'

export interface BuildInput {
  readonly context: string
  readonly file: string
  readonly buildArgs?: Readonly<Record<string, string>>
  readonly target?: string
}

/** The other builder: Debian's buildah, with a store of its own. */
export interface Buildah {
  /** Takes an image from gocker's store, to be found under the same name. @param root of the store */
  takeImage(root: string, name: string): void
  build(input: BuildInput): Promise<Made>
  close(): void
}

export function isBuildahThere(): boolean {
  return spawnSync('buildah', ['--version']).status === 0
}

export function openBuildah(): Buildah {
  const directory = makeTemporaryDirectory()
  const [root, runRoot] = [join(directory, 'storage'), join(directory, 'run')]
  const buildah = ['buildah', '--root', root, '--runroot', runRoot, '--storage-driver', 'overlay']
  // What a machine says of storage is not meant for this store.
  const settings = join(directory, 'storage.conf')
  writeFileSync(settings, `[storage]\ndriver = "overlay"\n`)
  const env = { ...process.env, CONTAINERS_STORAGE_CONF: settings }
  const flags = ['--isolation', 'chroot', '--network', 'host', '--cap-add', 'MKNOD', '--identity-label=false', '--pull=false']
  // Of the two formats docker's alone has HEALTHCHECK, ONBUILD and SHELL.
  const bud = [...buildah, 'bud', '--format', 'docker', ...flags]
  const said = (words: readonly string[]) => outputOf([...buildah, ...words], env)
  let count = 0
  return {
    takeImage(store, name) {
      const target = `containers-storage:[overlay@${root}+${runRoot}]docker.io/library/${name}`
      outputOf(['skopeo', '--insecure-policy', 'copy', '--quiet', `oci:${store}:docker.io/library/${name}`, target], env)
    },
    async build({ context, file, buildArgs = {}, target }) {
      const name = `localhost/compared:${++count}`
      const files = join(directory, `files-${count}`)
      const args = Object.entries(buildArgs).flatMap(([key, value]) => ['--build-arg', `${key}=${value}`])
      const more = [...args, ...(target === undefined ? [] : ['--target', target]), '--output', `type=local,dest=${files}`]
      const { code, stdout, stderr } = await startCommand([...bud, ...more, '--file', file, '--tag', name, context], { env }).result
      if (code !== 0) throw new Error(`buildah bud: ended with ${code}\n${stdout}${stderr}`)
      return { root: files, config: configOf(said(['inspect', '--type', 'image', name])) }
    },
    close() {
      // Its storage keeps itself mounted, as private.
      spawnSync('umount', [join(root, 'overlay')])
      removeTree(directory)
    },
  }
}

function outputOf([program = '', ...words]: readonly string[], env: NodeJS.ProcessEnv): string {
  const { status, stdout, stderr, error } = spawnSync(program, words, { encoding: 'utf8', env })
  if (error !== undefined) throw error
  if (status !== 0) throw new Error(`${program} ${words.join(' ')}: ended with ${status}\n${stderr}`)
  return stdout.trim()
}

function configOf(inspected: string): ContainerConfig {
  return (JSON.parse(inspected) as { Docker: { config: ContainerConfig } }).Docker.config
}
