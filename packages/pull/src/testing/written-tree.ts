import { lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** Makes files; a name that ends with / is a directory's, and the content of a symlink is `-> ` and where it leads. */
export function fill(root: string, files: Readonly<Record<string, string>>): void {
  for (const [name, content] of Object.entries(files)) {
    const path = join(root, name)
    mkdirSync(name.endsWith('/') ? path : dirname(path), { recursive: true })
    if (content.startsWith('-> ')) symlinkSync(content.slice(3), path)
    else if (!name.endsWith('/')) writeFileSync(path, content)
  }
}

/** What {@link fill} would make: `dir/`, `dir/file content`, `link -> target`. */
export function listing(root: string, below = ''): string[] {
  return readdirSync(join(root, below))
    .sort()
    .flatMap((name) => {
      const path = join(below, name)
      const stats = lstatSync(join(root, path))
      if (stats.isDirectory()) return [`${path}/`, ...listing(root, path)]
      return [`${path} ${stats.isSymbolicLink() ? `-> ${readlinkSync(join(root, path))}` : readFileSync(join(root, path), 'utf8')}`]
    })
}
