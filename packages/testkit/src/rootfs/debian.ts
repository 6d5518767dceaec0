import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { promisify } from 'node:util'
import { cachePath } from './cache.ts'

export type DebianVariant =
  /** With what tests want: ps, ip, setcap, and ping with its file capability. */
  | 'tools'
  /** What apt needs, and no more. */
  | 'plain'

const SUITE = 'bookworm'

const PACKAGES: Record<DebianVariant, readonly string[]> = {
  // usr-is-merged first: usrmerge would bring all of perl.
  tools: ['usr-is-merged', 'procps', 'iproute2', 'libcap2-bin', 'iputils-ping'],
  plain: ['usr-is-merged'],
}

/** 2024-01-01: later times are set back to it, so that the same packages give the same tar. */
const SOURCE_DATE_EPOCH = '1704067200'

const LEFT_OUT = ['doc', 'info', 'locale', 'man'].map((name) => `/usr/share/${name}/*`)

/**
 * The path of a tar (not compressed) of a small Debian, made from the Debian archive by mmdebstrap once for all test processes.
 * @throws with mmdebstrap's words.
 */
export async function debianRootfs({ variant = 'tools' }: { readonly variant?: DebianVariant } = {}): Promise<string> {
  const recipe = mmdebstrapOptions(variant)
  const path = `${cachePath(`debian-${variant}`, [SUITE, SOURCE_DATE_EPOCH, recipe])}.tar`
  if (existsSync(path)) return path
  const command = ['mmdebstrap', ...recipe, SUITE, `${path}.part`, ...(await hostSources())]
  // The lock is flock(1)'s: it ends with the process that holds it, and whoever waited finds the file made.
  const script = '[ -e "$1" ] || { part=$1.part; path=$1; shift; rm -f "$part"; "$@" && mv "$part" "$path"; }'
  const env = { ...process.env, SOURCE_DATE_EPOCH, LC_ALL: 'C.UTF-8' }
  await promisify(execFile)('flock', [`${path}.lock`, 'sh', '-c', script, 'sh', path, ...command], { env, maxBuffer: 1 << 26 })
  return path
}

function mmdebstrapOptions(variant: DebianVariant): string[] {
  return [
    '--quiet',
    `--mode=${process.getuid?.() === 0 ? 'root' : 'unshare'}`,
    '--variant=apt',
    '--format=tar',
    '--hook-dir=/usr/share/mmdebstrap/hooks/merged-usr',
    `--include=${PACKAGES[variant].join(',')}`,
    '--aptopt=APT::Install-Recommends "false"',
    ...[...LEFT_OUT, '/usr/lib/*/gconv/*'].map((path) => `--dpkgopt=path-exclude=${path}`),
  ]
}

/** Where this machine gets its Debian from, as sources.list has it; nothing, where it is not this Debian: mmdebstrap knows a mirror. */
async function hostSources(): Promise<string[]> {
  const format = '$(ORIGIN) $(SITE) $(RELEASE) $(COMPONENT)'
  const { stdout } = await promisify(execFile)('apt-get', ['indextargets', '--format', format, 'Created-By: Packages'])
  const rows = stdout.split('\n').map((line) => line.split(' '))
  const fitting = rows.filter(([origin, , release]) => origin === 'Debian' && release?.split('-')[0] === SUITE)
  const sources = fitting.map(([, site, release, component]) => `deb ${site} ${release} ${component}`)
  return sources.some((source) => source.includes(` ${SUITE} `)) ? [...new Set(sources)] : []
}
