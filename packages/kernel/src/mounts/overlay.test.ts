import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { temporaryDirectory } from '@gocker/testkit'
import { unmount } from '../door/mount.ts'
import { canBeVolatile, mountOverlay, VOLATILE_MARK } from './overlay.ts'

test('layers become one tree, writes go to the upper directory', (t) => {
  const base = temporaryDirectory(t)
  const [low, high, upper, work, target] = ['low,er', 'hi:gh', 'upper', 'work', 'target'].map((name) => directory(base, name))
  writeFileSync(join(low ?? '', 'both'), 'low')
  writeFileSync(join(high ?? '', 'both'), 'high')
  mountOverlay({ lowers: [high ?? '', low ?? ''], upper: upper ?? '', work: work ?? '', target: target ?? '' })
  try {
    assert.equal(readFileSync(join(target ?? '', 'both'), 'utf8'), 'high')
    writeFileSync(join(target ?? '', 'new'), '')
    assert.ok(existsSync(join(upper ?? '', 'new')))
  } finally {
    unmount(target ?? '')
  }
})

test('one that was volatile can be mounted again', (t) => {
  const base = temporaryDirectory(t)
  const [lower = '', upper = '', work = '', target = ''] = ['lower', 'upper', 'work', 'target'].map((name) => directory(base, name))
  for (const isVolatile of [canBeVolatile(), true, false]) {
    mountOverlay({ lowers: [lower], upper, work, target, isVolatile })
    try {
      assert.equal(existsSync(join(work, VOLATILE_MARK)), isVolatile && canBeVolatile())
      writeFileSync(join(target, 'new'), '')
    } finally {
      unmount(target)
    }
  }
  assert.ok(existsSync(join(upper, 'new')))
})

test('more layers than a page of options holds', (t) => {
  const base = temporaryDirectory(t)
  const lowers = Array.from({ length: 120 }, (_, index) => directory(base, `${index}`.padEnd(80, 'x')))
  lowers.forEach((lower, index) => {
    writeFileSync(join(lower, `of-${index}`), '')
  })
  const target = directory(base, 'target')
  mountOverlay({ lowers, target })
  try {
    assert.equal(readdirSync(target).length, 120)
  } finally {
    unmount(target)
  }
})

function directory(base: string, name: string): string {
  mkdirSync(join(base, name))
  return join(base, name)
}
