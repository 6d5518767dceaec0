import assert from 'node:assert/strict'
import { test } from 'node:test'
import { temporaryDirectory } from '@gocker/testkit'
import { Ring } from '../layers/ring.ts'
import { TarOutput } from '../pack/tar-output.ts'
import { TarReader } from '../tar-reader/tar-reader.ts'
import { fill, listing } from '../testing/written-tree.ts'
import { CopiedTree } from './copied-tree.ts'
import { PlacedFiles } from './placed-files.ts'
import { findSource } from './source.ts'

type Rule = readonly [source: string, destination: string, expected: readonly string[] | RegExp]

const FROM = { f: 'content', 'd/x': 'X', 'd/sub/y': 'Y', l: '-> f', ld: '-> d', dangling: '-> nowhere' }
const TO = {
  'dir/': '',
  'full/d/x': 'old',
  'full/d/z': 'Z',
  file: 'old',
  'wrong/d': 'a file',
  'wrong/f/': '',
  lf: '-> file',
  ldir: '-> dir',
  lnew: '-> new',
}

/** What docker's manual says of sources and destinations, and what it leaves to tar. */
const RULES: readonly Rule[] = [
  ['f', 'new', ['new content']],
  ['f', 'new/', /new\/: no such directory/],
  ['f', 'no/new', /no such file or directory/],
  ['f', 'file', ['file content']],
  ['f', 'file/', /it is no directory/],
  ['f', 'file/x', /no directory/],
  ['f', 'dir', ['dir/', 'dir/f content']],
  ['f', 'dir/', ['dir/', 'dir/f content']],
  ['f', 'dir/new', ['dir/', 'dir/new content']],
  ['f', 'lf', ['file content', 'lf -> file']],
  ['f', 'ldir', ['dir/', 'dir/f content']],
  ['f', 'lnew', ['lnew -> new', 'new content']],
  ['f', 'wrong', /cannot overwrite a directory with a file/],
  ['f/', 'dir', /it is no directory/],
  ['d', 'new', ['new/', 'new/sub/', 'new/sub/y Y', 'new/x X']],
  ['d', 'new/', ['new/', 'new/sub/', 'new/sub/y Y', 'new/x X']],
  ['d', 'no/new', /no such file or directory/],
  ['d', 'dir', ['dir/', 'dir/d/', 'dir/d/sub/', 'dir/d/sub/y Y', 'dir/d/x X']],
  ['d/', 'dir', ['dir/', 'dir/d/', 'dir/d/sub/', 'dir/d/sub/y Y', 'dir/d/x X']],
  ['d/.', 'dir', ['dir/', 'dir/sub/', 'dir/sub/y Y', 'dir/x X']],
  ['d/.', 'new', ['new/', 'new/sub/', 'new/sub/y Y', 'new/x X']],
  ['d', 'full', ['full/', 'full/d/', 'full/d/sub/', 'full/d/sub/y Y', 'full/d/x X', 'full/d/z Z']],
  ['d', 'file', /a directory cannot be copied to a file/],
  ['d/.', 'file', /a directory cannot be copied to a file/],
  ['d', 'wrong', /cannot overwrite a file with a directory/],
  ['l', 'new', ['new -> f']],
  ['l', 'dir', ['dir/', 'dir/l -> f']],
  ['ld', 'dir', ['dir/', 'dir/ld -> d']],
  ['ld/.', 'dir', ['dir/', 'dir/sub/', 'dir/sub/y Y', 'dir/x X']],
  ['dangling', 'new', ['new -> nowhere']],
  ['nothing', 'dir', /nothing: no such file or directory/],
  ['d/../f', 'new', ['new content']],
]

for (const [source, destination, expected] of RULES)
  test(`${source} copied to ${destination}`, (t) => {
    const [from, to] = [temporaryDirectory(t), temporaryDirectory(t)]
    fill(from, FROM)
    fill(to, TO)
    holds(() => copyHere(`${from}/${source}`, `${to}/${destination}`), to, expected)
  })

/** Both sides in this thread: what is copied fits between them. */
function copyHere(source: string, destination: string): void {
  const memory = Ring.allocate({ slots: 4, slotSize: 1 << 16 })
  const [output, input] = [new TarOutput(new Ring(memory)), new Ring(memory)]
  new CopiedTree(output, { isImage: false }).pack(findSource(source, false))
  output.finish()
  const files = new PlacedFiles({ destination, isArchive: false, confine: (directory) => directory })
  const reader = new TarReader(files)
  for (let slot = input.filledSlot(); slot != null; slot = input.filledSlot()) {
    reader.write(slot)
    input.empty()
  }
  reader.close()
  files.finish()
}

/** Of what was there before, only what is not named in `expected` is passed over. */
function holds(copy: () => void, root: string, expected: Rule[2]): void {
  if (expected instanceof RegExp) {
    assert.throws(copy, { name: 'PullError', message: expected })
    return
  }
  copy()
  const tops = new Set(expected.map((line) => line.split(/[ /]/)[0]))
  assert.deepEqual(
    listing(root).filter((line) => tops.has(line.split(/[ /]/)[0] ?? '')),
    expected,
  )
}
