import { spawnSync } from 'node:child_process'

const FACTS = String.raw`%P\t%y\t%m\t%U:%G\t%s\t%T@\t%n\t%l\n`

/** How a whiteout of the images here is known: to GNU tar it is a file with a name as any other. */
export const WHITEOUTS = { tar: ['-name', '.wh.*'], overlay: ['-type', 'c', '-path', './srv/*'] } as const

/**
 * What a tree comes to, as find(1) and sha256sum(1) say it: kinds, modes, owners, sizes, times, links and content.
 * @param without what find passes over
 */
export function describeTree(directory: string, without: readonly string[]): string[] {
  const others = ['.', '-mindepth', '1', '!', '(', ...without, ')']
  const facts = lines('find', [...others, '-printf', FACTS], directory).map(withoutDirectorySizes)
  const contents = lines('sh', ['-c', 'find "$@" -type f -print0 | xargs -0 -r sha256sum', 'sh', ...others], directory)
  return [...facts, ...contents].sort()
}

/** How many blocks a directory takes depends on what has been in it. */
function withoutDirectorySizes(line: string): string {
  const [path, kind, mode, owner, size, ...rest] = line.split('\t')
  return [path, kind, mode, owner, kind === 'd' ? '' : size, ...rest].join('\t')
}

/** @throws {Error} with the first line that differs */
export function expectSameTree(name: string, actual: readonly string[], expected: readonly string[]): void {
  const wrong = expected.findIndex((line, index) => line !== actual[index])
  if (wrong >= 0) throw new Error(`${name}: ${JSON.stringify(actual[wrong])}, expected ${JSON.stringify(expected[wrong])}`)
  if (actual.length !== expected.length) throw new Error(`${name}: there is ${JSON.stringify(actual[expected.length])} besides`)
}

function lines(program: string, words: readonly string[], cwd: string): string[] {
  const { status, stdout, stderr } = spawnSync(program, words, { cwd, encoding: 'utf8', maxBuffer: 1 << 28 })
  if (status !== 0) throw new Error(`${program} in ${cwd}: ended with ${status}: ${stderr}`)
  return stdout.split('\n').filter(Boolean)
}
