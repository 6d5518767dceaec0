import assert from 'node:assert/strict'
import { arch } from 'node:process'
import { test } from 'node:test'
import { choosePlatform, formatPlatform, hostPlatform, type Platform, parsePlatform } from './platform.ts'

const READINGS: readonly (readonly [text: string, platform: string])[] = [
  ['linux/amd64', 'linux/amd64'],
  ['linux/x86_64', 'linux/amd64'],
  ['LINUX/AMD64', 'linux/amd64'],
  ['amd64', 'linux/amd64'],
  ['arm64', 'linux/arm64'],
  ['aarch64', 'linux/arm64'],
  ['linux/arm64/v8', 'linux/arm64'],
  ['linux/arm64/8', 'linux/arm64'],
  ['linux/arm64/v9', 'linux/arm64/v9'],
  ['linux/arm', 'linux/arm/v7'],
  ['linux/arm/v6', 'linux/arm/v6'],
  ['armhf', 'linux/arm/v7'],
  ['armel', 'linux/arm/v6'],
  ['linux/386', 'linux/386'],
  ['windows/amd64', 'windows/amd64'],
  ['linux', formatPlatform(hostPlatform())],
  ['linux/constructor', 'linux/constructor'],
]

for (const [text, platform] of READINGS) test(`${text} is ${platform}`, () => assert.equal(formatPlatform(parsePlatform(text)), platform))

for (const text of ['', '/', 'linux/', 'linux//v8', 'a/b/c/d', 'linux/am d64'])
  test(`${JSON.stringify(text)} is no platform`, () => {
    assert.throws(() => parsePlatform(text), { name: 'OciError', code: 'INVALID_PLATFORM' })
  })

test('the host is a linux machine in the words of Go', () => {
  const { os, architecture } = hostPlatform()
  assert.equal(os, 'linux')
  assert.equal(architecture, { x64: 'amd64', arm64: 'arm64' }[arch as string] ?? architecture)
})

const CHOICES: readonly (readonly [wanted: string, offered: string[], chosen: string])[] = [
  ['linux/amd64', ['linux/arm64', 'linux/amd64', 'windows/amd64'], 'linux/amd64'],
  ['linux/arm64', ['linux/amd64', 'linux/arm64/v8'], 'linux/arm64/v8'],
  ['linux/arm/v7', ['linux/arm/v5', 'linux/arm/v6', 'linux/arm/v7'], 'linux/arm/v7'],
  ['linux/arm/v7', ['linux/arm/v5', 'linux/arm/v6'], 'linux/arm/v6'],
  ['linux/arm/v6', ['linux/arm/v7', 'linux/arm/v5'], 'linux/arm/v5'],
  ['linux/amd64', ['linux/amd64/v2', 'linux/amd64'], 'linux/amd64'],
  ['linux/amd64/v3', ['linux/amd64', 'linux/amd64/v2', 'linux/amd64/v4'], 'linux/amd64/v2'],
]

for (const [wanted, offered, chosen] of CHOICES)
  test(`for ${wanted} out of ${offered} comes ${chosen}`, () => {
    const platform = choosePlatform(offered.map(asWritten), parsePlatform(wanted)).platform as Platform
    assert.equal(formatPlatform(platform), chosen)
  })

test('where nothing fits, what there is is named', () => {
  const candidates = ['linux/arm64', 'unknown/unknown', 'linux/constructor'].map(asWritten)
  assert.throws(() => choosePlatform(candidates, parsePlatform('linux/amd64')), {
    code: 'NO_MATCHING_PLATFORM',
    message: 'choosing linux/amd64: the image is made for linux/arm64, linux/constructor',
    hint: 'choose one with --platform linux/arm64',
  })
  assert.throws(() => choosePlatform([], parsePlatform('linux/amd64')), { code: 'NO_MATCHING_PLATFORM', message: /no platform it names/ })
})

test('an architecture that nobody knows does not stand in the way', () => {
  const candidates = ['linux/constructor', 'linux/amd64'].map(asWritten)
  assert.equal(choosePlatform(candidates, parsePlatform('linux/amd64')), candidates[1])
  assert.equal(choosePlatform(candidates, parsePlatform('linux/constructor')), candidates[0])
})

function asWritten(text: string): { platform: Platform } {
  const [os = '', architecture = '', variant] = text.split('/')
  return { platform: { os, architecture, ...(variant !== undefined && { variant }) } }
}
