import { openStore } from '@gocker/store'
import type { Command } from 'commander'
import { type ListLayout, printList } from '../format/list.ts'
import { ago, shortId, size } from '../terminal/amounts.ts'
import { type DiskUse, diskUse } from '../views/disk-use.ts'

interface DiskUseFlags {
  readonly format?: string
  readonly verbose?: true
}

export function defineDiskUse(group: Command): void {
  group
    .command('df')
    .summary('Show what the store takes on the disk')
    .option('--format <format>', 'table, json, or a template such as {{.Type}}: {{.Size}}')
    .option('-v, --verbose', 'each image, container and volume by itself')
    .addHelpText('after', '\nExample:\n  gocker system df -v')
    .action(showDiskUse)
}

const LAYOUT: ListLayout = {
  headings: { Type: 'TYPE', TotalCount: 'TOTAL', Active: 'ACTIVE', Size: 'SIZE', Reclaimable: 'RECLAIMABLE' },
  columns: ['Type', 'TotalCount', 'Active', 'Size', 'Reclaimable'],
}

async function showDiskUse({ format, verbose }: DiskUseFlags): Promise<void> {
  const use = await diskUse(await openStore())
  if (verbose !== true) return await printList(summaryOf(use), LAYOUT, { format })
  const document = verboseOf(use)
  if (format !== undefined && format !== 'table') {
    const { formattedDocument } = await import('../format/documents.ts')
    return void process.stdout.write(await formattedDocument(document, format))
  }
  for (const [title, { rows, layout }] of Object.entries(sections(document))) {
    console.log(`${title}:\n`)
    await printList(rows, layout)
    console.log()
  }
}

function summaryOf({ images, containers, volumes, cache }: DiskUse) {
  return [
    summaryRow('Images', images),
    summaryRow('Containers', containers),
    summaryRow('Local Volumes', volumes),
    summaryRow('Build Cache', cache),
  ]
}

interface Part {
  readonly size: number
  readonly isActive: boolean
}

function summaryRow(type: string, { items, total, reclaimable }: { items: readonly Part[]; total: number; reclaimable: number }) {
  const share = total > 0 ? ` (${Math.floor((100 * reclaimable) / total)}%)` : ''
  return {
    Type: type,
    TotalCount: `${items.length}`,
    Active: `${items.filter(({ isActive }) => isActive).length}`,
    Size: size(total),
    Reclaimable: `${size(reclaimable)}${type === 'Build Cache' ? '' : share}`,
  }
}

function verboseOf({ images, containers, volumes, cache }: DiskUse) {
  return {
    Images: images.items.map(({ repository, tag, id, created, size: bytes, shared, containers: users }) => ({
      Repository: repository,
      Tag: tag,
      ID: shortId(id),
      CreatedSince: created === undefined ? 'N/A' : ago(Date.parse(created)),
      Size: size(bytes),
      SharedSize: size(shared),
      UniqueSize: size(bytes - shared),
      Containers: `${users}`,
    })),
    Containers: containers.items.map(({ id, image, name, status, created, size: bytes, volumes: mounted }) => ({
      ID: shortId(id),
      Image: image,
      LocalVolumes: `${mounted}`,
      Size: size(bytes),
      RunningFor: ago(Date.parse(created)),
      Status: status,
      Names: name,
    })),
    Volumes: volumes.items.map(({ name, links, size: bytes }) => ({ Name: name, Links: `${links}`, Size: size(bytes) })),
    BuildCache: cache.items.map(({ kind, name, size: bytes, lastUsed, isActive }) => ({
      ID: kind === 'step' ? shortId(name) : name,
      CacheType: kind,
      Size: size(bytes),
      LastUsedSince: ago(lastUsed.getTime()),
      Shared: `${isActive}`,
    })),
  }
}

function sections(document: ReturnType<typeof verboseOf>) {
  return {
    'Images space usage': section(document.Images, {
      ...{ Repository: 'REPOSITORY', Tag: 'TAG', ID: 'IMAGE ID', CreatedSince: 'CREATED', Size: 'SIZE' },
      ...{ SharedSize: 'SHARED SIZE', UniqueSize: 'UNIQUE SIZE', Containers: 'CONTAINERS' },
    }),
    'Containers space usage': section(document.Containers, {
      ...{ ID: 'CONTAINER ID', Image: 'IMAGE', LocalVolumes: 'LOCAL VOLUMES', Size: 'SIZE', RunningFor: 'CREATED' },
      ...{ Status: 'STATUS', Names: 'NAMES' },
    }),
    'Local Volumes space usage': section(document.Volumes, { Name: 'VOLUME NAME', Links: 'LINKS', Size: 'SIZE' }),
    'Build cache usage': section(document.BuildCache, {
      ...{ ID: 'CACHE ID', CacheType: 'CACHE TYPE', Size: 'SIZE', LastUsedSince: 'LAST USED', Shared: 'SHARED' },
    }),
  }
}

function section(rows: readonly Readonly<Record<string, string>>[], headings: Readonly<Record<string, string>>) {
  return { rows, layout: { headings, columns: Object.keys(headings) } }
}
