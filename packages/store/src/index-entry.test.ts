import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Descriptor, digestOf, MEDIA_TYPES } from '@gocker/oci'
import { canonicalName, entryName, entryRepoDigest, type IndexEntry, makeEntry, withEntry, withoutName } from './index-entry.ts'

const one = descriptor('one')
const two = descriptor('two')
const REPO_DIGEST = `example.org/a@${one.digest}`

test('a digest is a name of its own', () => {
  assert.equal(canonicalName('debian'), 'docker.io/library/debian:latest')
  assert.equal(canonicalName(`debian:12@${one.digest}`), `docker.io/library/debian@${one.digest}`)
  assert.throws(() => canonicalName('UPPER'), { code: 'INVALID_REFERENCE' })
})

test('a new name is added', () => {
  assert.deepEqual(shown(withEntry([named(one, 'a')], named(one, 'b'))), ['one a', 'one b'])
})

test('the image that loses its only name stays without one', () => {
  assert.deepEqual(shown(withEntry([named(one, 'a')], named(two, 'a'))), ['one -', 'two a'])
})

test('the image that loses one of its names keeps the other', () => {
  assert.deepEqual(shown(withEntry([named(one, 'a'), named(one, 'b')], named(two, 'a'))), ['one b', 'two a'])
})

test('a nameless image that gets a name has one entry, and what the registry called it', () => {
  const nameless = makeEntry(one, { id: one.digest, repoDigest: REPO_DIGEST })
  const entries = withEntry([nameless], named(one, 'a'))
  assert.deepEqual(shown(entries), ['one a'])
  assert.equal(entryRepoDigest(entries[0] as IndexEntry), REPO_DIGEST)
})

test('a nameless entry is not added beside a named one', () => {
  const nameless = makeEntry(one, { id: one.digest })
  assert.deepEqual(shown(withEntry([named(one, 'a')], nameless)), ['one a'])
  assert.deepEqual(shown(withEntry([], nameless)), ['one -'])
})

test('the same name for the same image changes nothing but what the registry called it', () => {
  const entries = withEntry([named(one, 'a')], makeEntry(one, { id: one.digest, name: 'a', repoDigest: REPO_DIGEST }))
  assert.deepEqual(shown(entries), ['one a'])
  assert.equal(entryRepoDigest(entries[0] as IndexEntry), REPO_DIGEST)
})

test('a name is taken away', () => {
  assert.deepEqual(shown(withoutName([named(one, 'a'), named(one, 'b')], 'a')), ['one b'])
  assert.deepEqual(shown(withoutName([named(one, 'a'), named(two, 'b')], 'a')), ['one -', 'two b'])
})

function named({ digest, ...rest }: Descriptor, name: string): IndexEntry {
  return makeEntry({ ...rest, digest }, { id: digest, name })
}

function descriptor(text: string): Descriptor {
  return { mediaType: MEDIA_TYPES.ociManifest, digest: digestOf(text), size: text.length }
}

function shown(entries: readonly IndexEntry[]): string[] {
  return entries.map((entry) => `${entry.digest === one.digest ? 'one' : 'two'} ${entryName(entry) ?? '-'}`)
}
