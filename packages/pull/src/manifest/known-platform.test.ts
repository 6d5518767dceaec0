import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Platform } from '@gocker/oci'
import { checkPlatform } from './known-platform.ts'

const check = (platform: Partial<Platform>) => checkPlatform(platform, { os: 'linux', architecture: 'amd64', ...platform })

test('words that platforms are called by', () => {
  for (const [os, architecture, variant] of [
    ['linux', 'arm', 'v7'],
    ['linux', 'arm64', 'v8'],
    ['linux', 'amd64', 'v3'],
    ['linux', 's390x', 'z15'],
    ['windows', 'amd64'],
    ['unknown', 'unknown'],
  ] as const)
    check({ os, architecture, ...(variant !== undefined && { variant }) })
})

test('words that are none, with what is there', () => {
  const refused: [platform: Partial<Platform>, message: RegExp, hint: RegExp][] = [
    [{ os: 'linus' }, /no operating system is called "linus"/, /android, darwin.*linux/],
    [{ os: 'Linux' }, /no operating system/, /^linux is its name/],
    [{ architecture: 'x86_64' }, /no architecture is called "x86_64"/, /^amd64 is its name/],
    [{ architecture: 'aarch64' }, /no architecture/, /^arm64 is its name/],
    [{ architecture: 'pdp 11' }, /no architecture/, /386, amd64/],
    [{ architecture: 'arm', variant: '7' }, /no variant of arm is called "7"/, /v5 to v8/],
  ]
  for (const [platform, message, hint] of refused) assert.throws(() => check(platform), { code: 'INVALID_OPTION', message, hint })
})
