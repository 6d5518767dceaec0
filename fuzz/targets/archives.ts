import { buildTar, type TarPart } from '@gocker/testkit'

const LONG = `${'long/'.repeat(40)}name`
const REGIONS = [
  { offset: 512, content: 'one' },
  { offset: 4096, content: 'two' },
]

/** One of everything that archives have. */
export function archives(): Buffer[] {
  const formats = (['v7', 'ustar', 'pax', 'gnu'] as const).map((format): TarPart[] => [
    { name: 'd/', format },
    { name: 'd/f', content: 'some content', mode: 0o4755, uid: 1, gid: 2, mtime: 1_000_000_000, format },
    { name: 'd/link', type: 'symlink', link: '../../outside', format },
    { name: 'd/link/f', content: 'through it', format },
    { name: 'h', type: 'hardlink', link: 'd/f', format },
    { name: 'c', type: 'character', device: { major: 1, minor: 3 }, format },
    { name: 'p', type: 'fifo', format },
  ])
  const sparse = (['gnu-old', 'pax-0.0', 'pax-0.1', 'pax-1.0'] as const).map((form): TarPart[] => [
    { name: 's', sparse: { form, size: 8192, regions: REGIONS } },
    { name: 'after', content: 'x' },
  ])
  const others: TarPart[][] = [
    [
      { name: LONG, type: 'symlink', link: `/${LONG}` },
      { name: LONG, content: 'x', format: 'gnu' },
    ],
    [{ globalPax: { mtime: '1.5', path: 'all' } }, { name: 'a', content: 'x', xattrs: { 'user.a': 'b', 'security.capability': 'c' } }],
    [{ name: 'd/f', content: 'x' }, { name: 'd/.wh.f' }, { name: 'd/.wh..wh..opq' }, { name: '.wh..wh.aufs', content: 'x' }],
    [
      { name: 'd', type: 'symlink', link: '/' },
      { name: 'd/x', content: 'x' },
      { name: 'd/', mode: 0o2777 },
      { name: '../x', content: 'x' },
    ],
    [
      { name: 'a', content: 'x', base256: true, mtime: -5 },
      { name: 'a', type: 'hardlink', link: 'a' },
      { name: 'a/', mode: 0 },
    ],
    [
      { name: './', mode: 0o700 },
      { name: 'x', type: 'hardlink', link: '../../passwd' },
      { name: 'l', type: 'symlink', link: '../passwd' },
    ],
  ]
  return [...formats, ...sparse, ...others].map((parts) => buildTar(parts))
}
