import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, utimesSync } from 'node:fs'
import { basename, dirname, join, normalize } from 'node:path'
import { test } from 'node:test'
import { debianLayered, gocker, pullWithSkopeo, startRegistry, temporaryDirectory } from '@gocker/testkit'
import { layerFiles, succeeded } from './support/pulling.ts'

const XATTRS = ['--xattrs', '--xattrs-include=*']

/**
 * What GNU tar says of a tree, entry for entry in one order: type, mode, owner, size, time to the nanosecond, link, device, content,
 * extended attributes. Two trees are equal when these bytes are.
 */
function asTar(directory: string): Buffer {
  const form = ['--format=pax', '--pax-option=delete=atime,delete=ctime', '--sort=name', '--numeric-owner', ...XATTRS]
  return execFileSync('tar', ['-C', directory, ...form, '-c', '.'], { maxBuffer: 1 << 30 })
}

function assertSameTree(actual: string, expected: string): void {
  const [ours, theirs] = [asTar(actual), asTar(expected)]
  if (ours.equals(theirs)) return
  const [only, missing] = [linesWithout(ours, theirs), linesWithout(theirs, ours)]
  assert.fail(
    `the trees differ${only.length + missing.length === 0 ? ' in contents or times' : ''}:\n${[...only, '---', ...missing].slice(0, 40).join('\n')}`,
  )
}

function linesWithout(tar: Buffer, other: Buffer): string[] {
  const [lines, others] = [tar, other].map((input) => {
    const list = execFileSync('tar', ['-tvv', ...XATTRS, '--full-time', '--numeric-owner'], { input, maxBuffer: 1 << 28, encoding: 'utf8' })
    return list.replace(/ +/g, ' ').split('\n')
  })
  const known = new Set(others)
  return (lines ?? []).filter((line) => !known.has(line))
}

/** What `tar` says that a layer's blob is, without what OCI means by its whiteouts. */
function extract(blob: string, into: string, ...more: string[]): void {
  mkdirSync(into, { recursive: true })
  execFileSync('tar', ['-xzp', '--same-owner', '--numeric-owner', ...XATTRS, '-C', into, ...more, '-f', blob])
}

function forgetTimes(names: readonly string[], ...trees: readonly string[]): void {
  for (const tree of trees) for (const name of names) utimesSync(join(tree, name), 0, 0)
}

function entriesOf(blob: string): string[] {
  return execFileSync('tar', ['-tzf', blob], { encoding: 'utf8', maxBuffer: 1 << 28 })
    .trimEnd()
    .split('\n')
}

test('Debian in four layers, pushed by skopeo, is what GNU tar makes of it', async (t) => {
  await using registry = await startRegistry()
  const name = await debianLayered(registry.host)
  const work = temporaryDirectory(t)
  await pullWithSkopeo(name, `${work}/layout:x`)
  const root = join(work, 'gocker')
  const { Layers } = JSON.parse(execFileSync('skopeo', ['inspect', `oci:${work}/layout:x`], { encoding: 'utf8' }))
  const blobs: string[] = Layers.map((digest: string) => `${work}/layout/blobs/sha256/${digest.slice(7)}`)

  succeeded(await gocker(['pull', name], { root }))
  const [image] = JSON.parse(succeeded(await gocker(['inspect', name], { root })).stdout)
  const layers: string[] = image.RootFS.Layers

  // The lowest is also where the others go, one above the other.
  const merged = `${work}/merged`
  for (const [index, blob] of blobs.entries()) {
    if (index > 0) applyLayer(blob, merged)
    if (entriesOf(blob).some((entry) => basename(entry).startsWith('.wh.'))) continue
    const alone = index === 0 ? merged : `${work}/alone-${index}`
    extract(blob, alone)
    // A copy: times are set in it, and an image cannot be written.
    const actual = `${work}/actual-${index}`
    execFileSync('cp', ['-a', await layerFiles(t, root, layers[index]), actual])
    forgetTimes(unnamedDirectories(blob), actual, alone)
    assertSameTree(actual, alone)
  }

  const exported = `${work}/exported`
  mkdirSync(exported)
  succeeded(await gocker(['export', '-o', `${work}/rootfs.tar`, name], { root }))
  execFileSync('tar', ['-xp', '--same-owner', '--numeric-owner', ...XATTRS, '-C', exported, '-f', `${work}/rootfs.tar`])
  forgetTimes(['.', 'etc', 'srv'], exported, merged)
  assertSameTree(exported, merged)
})

/** Directories without an entry of their own: their time is that of the unpacking. */
function unnamedDirectories(blob: string): string[] {
  const entries = new Set(entriesOf(blob).map((entry) => normalize(`./${entry}/`)))
  const above = [...entries].flatMap((entry) => {
    const names = entry.split('/').slice(0, -2)
    return names.map((_, index) => `${names.slice(0, index + 1).join('/')}/`)
  })
  return [...new Set(['./', ...above])].filter((directory) => !entries.has(directory))
}

/** A layer over what is there: first what it hides goes, then what it brings comes. */
function applyLayer(blob: string, merged: string): void {
  for (const entry of entriesOf(blob)) {
    const [directory, name] = [join(merged, dirname(entry)), basename(entry)]
    if (name === '.wh..wh..opq') execFileSync('find', [directory, '-mindepth', '1', '-delete'])
    else if (name.startsWith('.wh.')) rmSync(join(directory, name.slice('.wh.'.length)), { recursive: true })
  }
  extract(blob, merged, '--exclude=.wh.*')
}
