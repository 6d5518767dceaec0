import { writeFileAtomic } from './atomic-file.ts'
import { keepClaim } from './container-claims.ts'
import { checkContainerName, takeName } from './container-name.ts'
import { type ContainerImage, type ContainerRecord, recordText } from './container-record.ts'
import { StoreError, unless } from './error.ts'
import { makeHeldDirectory } from './held.ts'
import { keepingContent } from './keeping.ts'
import { withLock } from './lock.ts'
import { renameInto } from './move.ts'
import { bundlePaths, type StorePaths } from './paths.ts'
import { mkdir, stat } from './quick-files.ts'
import { randomHex } from './random-hex.ts'
import { randomName } from './random-name.ts'
import type { StoredImage } from './stored-image.ts'
import { removeTree } from './tree.ts'

export interface CreateContainerOptions {
  /** Made up when not given. */
  readonly name?: string | undefined
  readonly image?: StoredImage | undefined
  /** As the user wrote it; the image's first name, else its id, when not given. */
  readonly imageName?: string | undefined
  /** What it mounts beside its own, with the names that they were asked for by. */
  readonly mountedImages?: readonly NamedImage[] | undefined
  readonly remove?: boolean | undefined
  readonly labels?: Readonly<Record<string, string>> | undefined
  readonly options?: Readonly<Record<string, unknown>> | undefined
}

export interface NamedImage {
  readonly name: string
  readonly image: StoredImage
}

/** Containers.create: a bundle is made under a temporary name, and shown together with its container's name. */
export async function createContainer(paths: StorePaths, options: CreateContainerOptions): Promise<ContainerRecord> {
  if (options.name !== undefined) checkContainerName(options.name)
  const draft = await makeHeldDirectory((random) => paths.tmp(`container-${random}`))
  try {
    await makeBundle(draft.path)
    const record = await keepingContent(paths, async () => {
      if (options.image !== undefined) await checkImage(paths, options.image)
      for (const { image } of options.mountedImages ?? []) await checkImage(paths, image)
      return await show(paths, draft.path, newRecord(paths, options), options.name === undefined)
    })
    keepClaim(record.dir, draft.handle)
    return record
  } catch (error) {
    await removeTree(draft.path)
    await draft.handle.close()
    throw error
  }
}

async function makeBundle(dir: string): Promise<void> {
  const { upper, work, rootfs } = bundlePaths(dir)
  for (const part of [upper, work, rootfs]) await mkdir(part, { mode: 0o755 })
}

/** What an image needs to run may have been removed between its lookup and now; from now on it stays. */
async function checkImage(paths: StorePaths, image: StoredImage): Promise<void> {
  const needed = [paths.blob(image.descriptor.digest), ...image.layers.map((layer) => paths.layer(layer))]
  const found = await Promise.all(needed.map((path) => stat(path).catch(unless('ENOENT'))))
  const missing = needed[found.indexOf(undefined)]
  if (missing === undefined) return
  const name = image.references[0] ?? image.id
  throw new StoreError('NOT_FOUND', `creating a container of ${name}: ${missing} is missing`, { hint: `gocker pull ${name}` })
}

function newRecord(paths: StorePaths, options: CreateContainerOptions): ContainerRecord {
  const { image, mountedImages = [] } = options
  const id = randomHex(32)
  return {
    id,
    name: options.name ?? randomName(),
    dir: paths.containerDir(id),
    created: new Date().toISOString(),
    ...(image !== undefined && { image: containerImage(image, options.imageName) }),
    ...(mountedImages.length > 0 && { mountedImages: mountedImages.map((each) => containerImage(each.image, each.name)) }),
    remove: options.remove ?? false,
    labels: options.labels ?? {},
    options: options.options ?? {},
  }
}

function containerImage(image: StoredImage, name: string | undefined): ContainerImage {
  return { name: name ?? image.references[0] ?? image.id, id: image.id, manifest: image.descriptor.digest, layers: image.layers }
}

/** Shows the bundle: its record is on disk before its name is, and both names are there before anybody else can look. */
async function show(paths: StorePaths, draft: string, record: ContainerRecord, isMadeUp: boolean): Promise<ContainerRecord> {
  await writeFileAtomic(bundlePaths(draft).record, recordText(record), { sync: !record.remove })
  const isShown = await withLock(paths.lock('containers'), 'exclusive', async () => {
    if (!(await takeName(paths, record.name, record.id))) return false
    await renameInto(draft, record.dir)
    return true
  })
  if (isShown) return record
  if (isMadeUp) return await show(paths, draft, { ...record, name: `${randomName()}_${randomHex(2)}` }, isMadeUp)
  throw new StoreError('NAME_TAKEN', `creating container ${record.name}: another container has this name`, {
    hint: `remove it with gocker rm ${record.name}, or choose another name`,
  })
}
