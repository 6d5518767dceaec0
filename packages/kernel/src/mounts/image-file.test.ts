import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { closeSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { temporaryDirectory } from '@gocker/testkit'
import { openFileSystem } from '../door/file-system-context.ts'
import { unmount } from '../door/mount.ts'
import { mountImage, openImage } from './image-file.ts'
import { attachLoopDevice } from './loop-device.ts'
import { readMountInfo } from './mount-info.ts'
import { mountOverlay } from './overlay.ts'

/** An image with one file, as its own tools make it. */
function imageOf(t: TestContext, text: string): { place: string; image: string } {
  const place = temporaryDirectory(t)
  mkdirSync(join(place, 'tree'))
  writeFileSync(join(place, 'tree', 'file'), text)
  const image = join(place, 'x'.repeat(200), 'image')
  mkdirSync(join(place, 'x'.repeat(200)))
  execFileSync('mkfs.erofs', [image, join(place, 'tree')], { stdio: 'pipe' })
  return { place, image }
}

const mountsBelow = (place: string) => readMountInfo().filter(({ mountPoint }) => mountPoint.startsWith(place))

test('an image is read by its descriptor, whatever its path is, and mounted nowhere', (t) => {
  const { place, image } = imageOf(t, 'inside')
  const mounted = openImage(image)
  try {
    assert.deepEqual(readdirSync(`/proc/self/fd/${mounted}`), ['file'])
    assert.equal(readFileSync(`/proc/self/fd/${mounted}/file`, 'utf8'), 'inside')
    assert.throws(() => writeFileSync(`/proc/self/fd/${mounted}/file`, ''), { code: 'EROFS' })
    assert.deepEqual(mountsBelow(place), [])
  } finally {
    closeSync(mounted)
  }
})

test('what is no image is an error', (t) => {
  const file = join(temporaryDirectory(t), 'image')
  writeFileSync(file, Buffer.alloc(8192))
  assert.throws(() => openImage(file), { name: 'KernelError', code: 'EINVAL', message: /^mounting .*image: / })
  assert.throws(() => openImage(`${file}-missing`), { code: 'ENOENT' })
})

test('an image is mounted on a directory', (t) => {
  const { place, image } = imageOf(t, 'there')
  const directory = join(place, 'directory')
  mkdirSync(directory)
  mountImage({ image, directory })
  try {
    assert.equal(readFileSync(join(directory, 'file'), 'utf8'), 'there')
  } finally {
    unmount(directory)
  }
  assert.deepEqual(readdirSync(directory), [])
})

test('an overlay holds the images that it is made of; nothing else is left mounted', (t) => {
  const { place, image } = imageOf(t, 'below')
  const [lower, upper, work, target] = ['lower', 'upper', 'work', 'target'].map((name) => join(place, name)) as [
    string,
    string,
    string,
    string,
  ]
  for (const directory of [lower, upper, work, target]) mkdirSync(directory)
  mountOverlay({ lowers: [lower], images: [{ image, directory: lower }], upper, work, target })
  try {
    assert.deepEqual(
      mountsBelow(place).map(({ mountPoint }) => mountPoint),
      [target],
    )
    assert.equal(readFileSync(join(target, 'file'), 'utf8'), 'below')
    writeFileSync(join(target, 'file'), 'above')
    assert.equal(readFileSync(join(upper, 'file'), 'utf8'), 'above')
  } finally {
    unmount(target)
  }
  assert.deepEqual(readdirSync(lower), [])
})

test('an overlay that cannot be mounted leaves no image mounted', (t) => {
  const { place, image } = imageOf(t, 'x')
  const lower = join(place, 'lower')
  mkdirSync(lower)
  const mount = { lowers: [lower], images: [{ image, directory: lower }], upper: lower, work: join(place, 'missing'), target: lower }
  assert.throws(() => mountOverlay(mount), { name: 'KernelError' })
  assert.deepEqual(mountsBelow(place), [])
})

const loops = { skip: existsSync('/dev/loop-control') ? false : 'this machine has no loop devices' }

test('a loop device shows a file, and is given back with the last mount', loops, async (t) => {
  const { image } = imageOf(t, 'by a loop')
  const device = attachLoopDevice(image)
  const backing = `/sys/block/${device.path.slice('/dev/'.length)}/loop/backing_file`
  const isOurs = () => existsSync(backing) && readFileSync(backing, 'utf8').trim() === image
  let mounted: number | undefined
  try {
    assert.ok(isOurs())
    const parameters = [{ key: 'source', value: device.path }, { key: 'ro' }]
    mounted = openFileSystem({ type: 'erofs', parameters })
    device.close()
    assert.ok(isOurs())
    assert.equal(readFileSync(`/proc/self/fd/${mounted}/file`, 'utf8'), 'by a loop')
  } finally {
    if (mounted === undefined) device.close()
    else closeSync(mounted)
  }
  // The kernel does it a moment later.
  for (const end = Date.now() + 30_000; isOurs(); await setTimeout(20)) assert.ok(Date.now() < end, 'the loop device is not given back')
})
