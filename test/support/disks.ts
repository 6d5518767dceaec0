import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { type CommandResult, gocker } from '@gocker/testkit'

/** A disk for the store of `root`, in a mount namespace of its own: so large, or one that cannot be written. */
export interface Disk {
  readonly root: string
  readonly kind: { readonly megabytes: number } | 'read-only'
}

/** Said after what gocker has said: what there is of files in the store. */
const MARK = 'files left: '

/** Mounts the disk, runs gocker, and lists what it has left; all of the arguments but the first two are its own. */
const SCRIPT = `
store=$1; options=$2; shift 2
case $options in
  ro) mount --bind "$store" "$store" && mount -o remount,bind,ro "$store" ;;
  *) mount -t tmpfs -o "$options" none "$store" ;;
esac || exit 99
"$@"
code=$?
find "$store" -type f -size +8k -printf '${MARK}%P\\n'
exit $code
`

/** Runs gocker with its store on a disk. @returns besides, the files over 8 kB that the store has afterwards */
export async function gockerOn({ root, kind }: Disk, args: readonly string[]): Promise<CommandResult & { readonly left: string[] }> {
  const store = join(root, 'store')
  mkdirSync(store, { recursive: true })
  const options = kind === 'read-only' ? 'ro' : `size=${kind.megabytes}m`
  const under = ['unshare', '--mount', '--propagation', 'private', 'sh', '-c', SCRIPT, 'sh', store, options]
  const result = await gocker(args, { root, under })
  const lines = result.stdout.split('\n')
  const left = lines.filter((line) => line.startsWith(MARK)).map((line) => line.slice(MARK.length))
  return { ...result, stdout: lines.filter((line) => !line.startsWith(MARK)).join('\n'), left }
}
