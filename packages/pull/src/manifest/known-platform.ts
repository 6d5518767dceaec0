import { type Platform, parsePlatform } from '@gocker/oci'
import { PullError } from '../error.ts'

/** Go's words, which an index names platforms by. @see https://go.dev/doc/install/source#environment */
const OPERATING_SYSTEMS = words('aix android darwin dragonfly freebsd illumos ios js linux netbsd openbsd plan9 solaris wasip1 windows zos')
const ARCHITECTURES = words('386 amd64 arm arm64 loong64 mips mips64 mips64le mipsle ppc64 ppc64le riscv64 s390x sparc64 wasm')

/** Of other architectures no variants are known, and any word is as good. */
const VARIANTS: Readonly<Record<string, RegExp>> = { amd64: /^v[1-4]$/, arm: /^v[5-8]$/, arm64: /^v(?:8|9)(?:\.\d)?$/ }
const EXAMPLES: Readonly<Record<string, string>> = { amd64: 'v1 to v4', arm: 'v5 to v8', arm64: 'v8, v8.1, v9 and the like' }

/** What attestations, which run nowhere, are marked with. */
const NOWHERE = 'unknown'

/**
 * Refuses words that no platform is called by, of those that are given: who runs the image would look for it in vain.
 * @param whole the platform that they are for
 * @throws {PullError} `INVALID_OPTION`
 */
export function checkPlatform({ os, architecture, variant }: Partial<Platform>, whole: Platform): void {
  if (os !== undefined) checkWord(os, OPERATING_SYSTEMS, 'operating system')
  if (architecture !== undefined) checkWord(architecture, ARCHITECTURES, 'architecture')
  const known = VARIANTS[whole.architecture]
  if (variant === undefined || known === undefined || known.test(variant)) return
  throw refusal(`variant of ${whole.architecture}`, variant, `there are ${EXAMPLES[whole.architecture]}`)
}

function checkWord(word: string, known: readonly string[], what: string): void {
  if (known.includes(word) || word === NOWHERE) return
  const meant = /^[\w.-]+$/.test(word) ? parsePlatform(`linux/${word}`).architecture : word
  const lower = word.toLowerCase()
  const better = known.find((each) => each === lower) ?? known.find((each) => each === meant)
  throw refusal(what, word, better === undefined ? `there are ${known.join(', ')}` : `${better} is its name`)
}

function refusal(what: string, word: string, hint: string): PullError {
  return new PullError('INVALID_OPTION', `annotating a platform: no ${what} is called ${JSON.stringify(word)}`, { hint })
}

function words(text: string): readonly string[] {
  return text.split(' ')
}
