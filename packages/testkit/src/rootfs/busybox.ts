import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { buildTar } from '../tar/build-tar.ts'
import type { TarPart } from '../tar/entry.ts'

/** Where Debian's package busybox-static puts its one program. */
export const BUSYBOX = '/bin/busybox'

const PASSWD = `root:x:0:0:root:/root:/bin/sh
daemon:x:1:1:daemon:/usr/sbin:/bin/false
alice:x:1000:1000:Alice:/home/alice:/bin/sh
bob:x:1001:100:Bob:/home/bob:/bin/sh
nobody:x:65534:65534:nobody:/:/bin/false
`

const GROUP = `root:x:0:
daemon:x:1:
wheel:x:10:root,alice
users:x:100:alice
alice:x:1000:
staff:x:50:alice,bob
nogroup:x:65534:
`

const OS_RELEASE = 'ID=busybox\nNAME="BusyBox of the tests"\n'

/**
 * A tar (not compressed) of a root file system of one static program, some two megabytes large. `/bin/sh` and `ls` are hard links to
 * `/bin/busybox`, the other applets symbolic ones. Users: root, daemon, alice (1000, also in wheel, users and staff), bob (1001:100), nobody.
 */
export function busyboxRootfs(more: readonly TarPart[] = []): Buffer {
  return buildTar([
    ...directories.map(([name, mode]) => ({ name, mode })),
    { name: 'home/alice/', uid: 1000, gid: 1000, mode: 0o700 },
    { name: 'etc/passwd', content: PASSWD },
    { name: 'etc/group', content: GROUP },
    { name: 'etc/os-release', content: OS_RELEASE },
    { name: 'bin/busybox', content: readFileSync(BUSYBOX), mode: 0o755 },
    ...applets().map((name) => applet(name)),
    ...more,
  ])
}

const directories: [name: string, mode: number][] = [
  ['bin/', 0o755],
  ['dev/', 0o755],
  ['etc/', 0o755],
  ['home/', 0o755],
  ['proc/', 0o755],
  ['root/', 0o700],
  ['sys/', 0o755],
  ['tmp/', 0o1777],
  ['usr/', 0o755],
  ['var/', 0o755],
]

function applets(): string[] {
  const names = execFileSync(BUSYBOX, ['--list'], { encoding: 'utf8' }).split('\n')
  return names.filter((name) => name !== '' && name !== 'busybox')
}

function applet(name: string): TarPart {
  const isHard = name === 'sh' || name === 'ls'
  return isHard
    ? { name: `bin/${name}`, type: 'hardlink', link: 'bin/busybox', mode: 0o755 }
    : { name: `bin/${name}`, type: 'symlink', link: 'busybox' }
}
