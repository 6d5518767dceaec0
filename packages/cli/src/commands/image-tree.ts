import { type FileChange, type ImageTree, imageTree, type LayerOfTree } from '@gocker/pull'
import { openStore } from '@gocker/store'
import type { Command } from 'commander'
import { interruptible } from '../interrupt.ts'
import { naturalNumber } from '../option-values.ts'
import { size } from '../terminal/amounts.ts'
import { terminalWidth } from '../terminal/colour.ts'
import { table } from '../terminal/table.ts'

interface TreeFlags {
  readonly layer?: string
  readonly json?: true
}

export function defineImageTree(group: Command): void {
  group
    .command('tree')
    .alias('explore')
    .summary('Show what each layer adds, overwrites and wastes')
    .description('Show what each layer of an image adds, overwrites and wastes: bytes of files that a later layer hides')
    .argument('<image>', 'name or id')
    .option('--layer <number>', 'the files of one layer; 1 is the lowest')
    .option('--json', 'print JSON, with the files of --layer')
    .addHelpText('after', '\nExamples:\n  gocker image tree debian\n  gocker image tree --layer 2 app')
    .action(showTree)
}

async function showTree(name: string, { layer, json }: TreeFlags): Promise<void> {
  const store = await openStore()
  const image = await store.images.get(name)
  const number = layer === undefined ? undefined : layerNumber(layer, image.layers.length)
  const tree = await interruptible((signal) => imageTree(store, image, { signal }))
  const shown = number === undefined ? undefined : tree.layers[number - 1]
  if (json === true) return console.log(JSON.stringify(documentOf(tree, number), undefined, 2))
  const lines = shown === undefined ? [layersTable(tree), '', ...summary(tree)] : shown.changes.toSorted(byPath).map(changeLine)
  if (lines.length > 0) console.log(lines.join('\n'))
}

function layerNumber(text: string, count: number): number {
  const number = naturalNumber(text, '--layer')
  if (number >= 1 && number <= count) return number
  throw new Error(`reading --layer ${text}: the image has the layers 1 to ${count}`)
}

function documentOf({ layers, ...tree }: ImageTree, chosen: number | undefined) {
  return {
    ...tree,
    layers: layers.map(({ changes, ...layer }, at) => ({
      ...layer,
      ...countsOf(changes),
      ...(at + 1 === chosen && { files: changes.toSorted(byPath) }),
    })),
  }
}

function countsOf(changes: readonly FileChange[]): Record<FileChange['kind'], number> {
  const counts = { added: 0, changed: 0, removed: 0 }
  for (const { kind } of changes) counts[kind]++
  return counts
}

const HEADINGS = ['LAYER', 'SIZE', 'ADDED', 'CHANGED', 'REMOVED', 'WASTES', 'COMMAND']

function layersTable({ layers }: ImageTree): string {
  return table(HEADINGS, layers.map(layerRow), { width: terminalWidth() })
}

function layerRow(layer: LayerOfTree, at: number): string[] {
  const { added, changed, removed } = countsOf(layer.changes)
  const command = layer.command.replace(/\s+/g, ' ')
  const counts = [added, changed, removed].map(String)
  return [`${at + 1}`, size(layer.size), ...counts, size(layer.hides), command.length > 60 ? `${command.slice(0, 59)}…` : command]
}

const MOST_FILES = 10

function summary({ size: all, wasted, efficiency, wastedFiles }: ImageTree): string[] {
  const percent = (Math.floor(efficiency * 1000) / 10).toFixed(1)
  const files = wastedFiles.slice(0, MOST_FILES).map((file) => [size(file.size), `${file.count}`, file.path])
  return [
    `${size(all)} of files, ${size(wasted)} of it wasted: ${percent} % efficient`,
    ...(files.length > 0 ? ['', table(['WASTED', 'TIMES', 'FILE'], files)] : []),
  ]
}

const SIGNS: Readonly<Record<FileChange['kind'], string>> = { added: 'A', changed: 'C', removed: 'D' }

/** As `gocker diff` has it, and the bytes. */
function changeLine({ kind, path, isDirectory, size: bytes }: FileChange): string {
  return `${SIGNS[kind]} ${(isDirectory ? '-' : size(bytes)).padStart(8)}  ${path}${isDirectory ? '/' : ''}`
}

function byPath(a: FileChange, b: FileChange): number {
  return a.path < b.path ? -1 : 1
}
