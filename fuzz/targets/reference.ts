import { deepStrictEqual } from 'node:assert'
import { familiarReference, formatReference, OciError, parsePlatform, parseReference } from '@gocker/oci'
import type { FuzzTarget } from '../engine/target.ts'

const DIGEST = `sha256:${'0123456789abcdef'.repeat(4)}`

/** Names of images: what is understood can be written, long and short, and means the same again. */
export const reference: FuzzTarget = {
  seeds: [
    'debian',
    'debian:12-slim',
    'ghcr.io/o/i:t',
    `localhost:5000/a/b__c-d.e:t@${DIGEST}`,
    '[::1]:5000/x',
    'docker.io/library/x',
    'a'.repeat(64),
  ].map((text) => Buffer.from(text)),
  words: [
    'docker.io/',
    'library/',
    'localhost',
    '[::1]',
    ':5000',
    '@',
    DIGEST,
    '://',
    '__',
    '--',
    '..',
    'sha512:',
    'index.docker.io/',
    '%2f',
    '\u0130',
  ],
  read(bytes) {
    const read = parseReference(bytes.toString())
    deepStrictEqual(parseReference(formatReference(read)), read)
    deepStrictEqual(parseReference(familiarReference(read)), read)
    if (/[^!-~]|\.\.|\/\//.test(read.repository)) throw new Error(`${JSON.stringify(read.repository)} is no repository`)
  },
  isRefusal: (error) => error instanceof OciError && error.code === 'INVALID_REFERENCE',
}

/** `os/architecture/variant`. */
export const platform: FuzzTarget = {
  seeds: ['linux/amd64', 'linux/arm64/v8', 'arm', 'windows(10.0.1)/amd64'].map((text) => Buffer.from(text)),
  words: ['linux', '/', 'amd64', 'x86_64', 'aarch64', 'v8', '*', '('],
  read: (bytes) => void parsePlatform(bytes.toString()),
  isRefusal: (error) => error instanceof OciError && error.code === 'INVALID_PLATFORM',
}
