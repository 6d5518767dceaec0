import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { cachePath, madeOnce } from '@gocker/testkit'
import { runQuietly } from './command.ts'
import { isForeign, type Machine } from './machine.ts'

/** What a machine boots: a disk with Debian on it, and its kernel and initial file system beside it. */
export interface BaseImage {
  readonly disk: string
  readonly kernel: string
  readonly initrd: string
}

const SUITE = 'bookworm'
const SIZE = '6G'

const PACKAGES = [
  // usr-is-merged first: usrmerge would bring all of perl.
  'usr-is-merged',
  'systemd-sysv',
  'udev',
  'procps',
  'psmisc',
  'iproute2',
  'nftables',
  'iputils-ping',
  'libcap2-bin',
  'libseccomp2',
  'busybox-static',
  'openssl',
  'tmux',
  'uidmap',
  'passt',
  'slirp4netns',
  'docker-registry',
  'skopeo',
  'xz-utils',
  'zstd',
]

const LEFT_OUT = ['doc', 'info', 'locale', 'man'].map((name) => `/usr/share/${name}/*`)

/** The user of the rootless tests, with what `adduser` gives one; and no timer, login or question that would take time of a slow processor. */
const FURNISH = `
set -eu
cd "$1"
echo 'tester:x:1000:1000::/home/tester:/bin/bash' >> etc/passwd
echo 'tester:x:1000:' >> etc/group
echo 'tester:100000:65536' | tee etc/subuid > etc/subgid
mkdir -p home/tester gocker
chown 1000:1000 home/tester
echo gocker-vm > etc/hostname
echo '127.0.0.1 localhost gocker-vm' > etc/hosts
echo 'd /run/user/1000 0700 tester tester' > etc/tmpfiles.d/tester.conf
printf '%s' "$SERVICE" > etc/systemd/system/gocker-tests.service
ln -s ../gocker-tests.service etc/systemd/system/multi-user.target.wants/
for unit in apt-daily.timer apt-daily-upgrade.timer e2scrub_all.timer fstrim.timer dpkg-db-backup.timer docker-registry.service serial-getty@.service getty@.service; do
  ln -sf /dev/null "etc/systemd/system/$unit"
done`

/** Puts into the initial file system what the disk needs, and nothing else: it is unpacked at every boot. */
const SMALL_INITRD = `
mkdir -p "$1/etc/initramfs-tools/conf.d"
echo MODULES=list > "$1/etc/initramfs-tools/conf.d/gocker"
printf '%s\\n' virtio_pci virtio_blk ext4 > "$1/etc/initramfs-tools/modules"`

/** Lets this kernel start programs of arm64, within a user namespace of all the users there are: the machine itself does not learn it. */
const EMULATED = `
set -eu
mount -t binfmt_misc binfmt_misc /proc/sys/fs/binfmt_misc
printf '%s' "$BINFMT" > /proc/sys/fs/binfmt_misc/register
exec "$@"`

const ALONE = ['--mount', '--pid', '--fork', '--kill-child']

/** The ids are mapped from outside; who has started a program before has no rights there until it starts the next. */
const IN_USER_NAMESPACE = `
setpriv --pdeathsig KILL unshare --user ${ALONE.join(' ')} sh -c 'until grep -q 65536 /proc/self/uid_map && grep -q 65536 /proc/self/gid_map; do sleep 0.1; done; exec setpriv --pdeathsig KILL sh -c "$EMULATED" sh "$@"' sh "$@" &
for map in uid_map gid_map; do
  until echo 0 0 65536 2> /dev/null > /proc/$!/$map; do kill -0 $! || break; sleep 0.1; done
done
wait $!`

/** @see https://docs.kernel.org/admin-guide/binfmt-misc.html */
const BINFMT = [
  ':arm64:M:',
  '\\x7fELF\\x02\\x01\\x01\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x02\\x00\\xb7\\x00',
  '\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\x00\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xfe\\xff\\xff\\xff',
  '/usr/bin/qemu-aarch64-static',
  'FOC',
].join(':')

/**
 * Debian with its own kernel, made once and kept in `.cache`. Some minutes; for a foreign architecture many more, as the packages' scripts run emulated.
 * @throws with what mmdebstrap or mke2fs say
 */
export async function baseImage(machine: Machine, signal: AbortSignal): Promise<BaseImage> {
  const service = readFileSync(fileURLToPath(new URL('guest/gocker-tests.service', import.meta.url)), 'utf8')
  const recipe = [SUITE, SIZE, PACKAGES, LEFT_OUT, FURNISH, SMALL_INITRD, service]
  const directory = await madeOnce(cachePath(`vm-${machine.architecture}`, recipe), (directory) =>
    make(machine, { service, directory, signal }),
  )
  return { disk: `${directory}/disk`, kernel: `${directory}/kernel`, initrd: `${directory}/initrd` }
}

interface Making {
  readonly service: string
  readonly directory: string
  readonly signal: AbortSignal
}

async function make(machine: Machine, { service, directory, signal }: Making): Promise<void> {
  const root = `${directory}.root`
  // What it mounts and starts goes with its namespaces, when it is killed too.
  const namespaces = isForeign(machine) ? ['sh', '-c', IN_USER_NAMESPACE, 'sh'] : ['unshare', ...ALONE]
  await runQuietly([...namespaces, 'mmdebstrap', ...mmdebstrapOptions(machine), SUITE, root], {
    env: { SERVICE: service, EMULATED, BINFMT },
    signal,
  })
  const finish = `
    set -eu
    mkdir "$2"
    cp "$1"/boot/vmlinuz-* "$2/kernel"
    cp "$1"/boot/initrd.img-* "$2/initrd"
    mke2fs -q -t ext4 -d "$1" "$2/disk" ${SIZE}`
  await runQuietly(['sh', '-c', finish, 'sh', root, directory])
}

function mmdebstrapOptions({ debian, kernelPackage }: Machine): string[] {
  return [
    '--quiet',
    '--mode=root',
    `--architectures=${debian}`,
    '--skip=check/qemu',
    '--variant=apt',
    '--format=directory',
    '--hook-dir=/usr/share/mmdebstrap/hooks/merged-usr',
    `--include=${[...PACKAGES, kernelPackage].join(',')}`,
    '--aptopt=APT::Install-Recommends "false"',
    ...LEFT_OUT.map((path) => `--dpkgopt=path-exclude=${path}`),
    `--essential-hook=${SMALL_INITRD}`,
    `--customize-hook=${FURNISH}`,
  ]
}
