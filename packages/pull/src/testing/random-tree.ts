import {
  chmodSync,
  closeSync,
  ftruncateSync,
  lchownSync,
  linkSync,
  mkdirSync,
  openSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { makeDevice, mknod, setTimes, setXattr } from '@gocker/kernel'

/** Numbers that look random and are the same for the same seed (mulberry32). */
function randomNumbers(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

export interface RandomTreeOptions {
  readonly seed: number
  readonly files?: number
  /** Devices, extended attributes, names that are not UTF-8, times before 1970 and between the seconds. */
  readonly exotic?: boolean
}

/** Fills a directory with all kinds of files. */
export function makeRandomTree(root: string, { seed, files = 60, exotic = true }: RandomTreeOptions): void {
  const random = randomNumbers(seed)
  const directories = ['']
  const plain: string[] = []
  const made: { path: string; isLink: boolean }[] = []
  for (let index = 0; index < files; index++) makeOne(index)
  for (const file of made.reverse()) finish(file)

  function at(path: string): Buffer {
    return Buffer.from(`${root}${path}`, 'latin1')
  }

  function pick<Item>(items: readonly Item[]): Item {
    return items[random(items.length)] as Item
  }

  function newName(index: number): string {
    const lengths = [3, 12, 60, 101, 156, 200]
    const bytes = exotic && random(5) === 0 ? '\xff\xe9' : random(4) === 0 ? 'Ã¼ß' : 'n'
    return `${index}-${bytes.repeat(pick(lengths)).slice(0, pick(lengths))}`
  }

  function makeOne(index: number): void {
    const path = `${pick(directories)}/${newName(index)}`
    if (path.length > 2000) return
    const kind = random(exotic ? 8 : 5)
    if (kind === 0) {
      mkdirSync(at(path))
      directories.push(path)
    } else if (kind === 1) symlinkSync(Buffer.from(pick(['/etc/passwd', '../x', 'y'.repeat(random(180) + 1)])), at(path))
    else if (kind === 2 && plain.length > 0) {
      linkSync(at(pick(plain)), at(path))
      return
    } else if (kind === 6) mknod(at(path), 0o020600, makeDevice(random(500), random(100_000) + 1))
    else if (kind === 7) mknod(at(path), 0o010644, 0n)
    else makeFile(path)
    made.push({ path, isLink: kind === 1 })
  }

  function makeFile(path: string): void {
    const size = pick([0, 1, 511, 512, 513, 5000, 70_000])
    writeFileSync(at(path), Buffer.alloc(size, `${path} `))
    plain.push(path)
    if (random(6) === 0) makeSparse(path)
  }

  function makeSparse(path: string): void {
    const fd = openSync(at(path), 'w')
    for (let region = 0; region < random(9) + 1; region++) writeSync(fd, Buffer.alloc(4096, 1 + region), 0, 4096, region * 40_960 + 8192)
    ftruncateSync(fd, 600_000 + random(5000))
    closeSync(fd)
  }

  function finish({ path, isLink }: { path: string; isLink: boolean }): void {
    lchownSync(at(path), pick([0, 0, 1, 65_534, 3_000_000]), pick([0, 0, 8, 4_000_000]))
    if (!isLink) chmodSync(at(path), pick([0o644, 0o755, 0o4755, 0o2711, 0o1777, 0o600]))
    if (exotic && !isLink && random(3) === 0) setXattr(at(path), 'trusted.gocker=%test', Buffer.from([0, 10, 255, 61]))
    const mtime = {
      seconds: random(2_000_000_000) - (exotic && random(5) === 0 ? 2_100_000_000 : 0),
      nanoseconds: exotic ? random(1_000_000_000) : 0,
    }
    setTimes(at(path), { atime: mtime, mtime })
  }
}
