import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { apt, isThere } from './requirements.ts'

/** The main job, start to end: a base image, an image built on it, a container of that. Says what it does as it does it. */
const root = fileURLToPath(new URL('..', import.meta.url))
const command = `${root}packages/cli/dist/gocker.js`
const example = 'Gockerfile.examples/hello'

process.chdir(root)
if (process.getuid?.() !== 0)
  fail('the example is run with limits, and Debian is made by its own tools: that needs root here, try again with sudo')
await bundle()
await baseImage()
await step(`build ${example}`, ['build', '--network', 'host', '-t', 'hello', example])
await step('run it, with limits', ['run', '--rm', '--memory', '64m', '--cpus', '0.5', '--pids-limit', '32', '--hostname', 'box', 'hello'])
console.log('\nThat is all. Try it yourself: npx pnpm@12 gocker run --rm -it debian bash')

async function bundle(): Promise<void> {
  console.log('# bundle the command')
  if ((await run('node', ['scripts/build.ts'])) !== 0) fail('the bundle could not be made')
}

/** From Docker Hub; where the Hub cannot be reached, the same made of the Debian archive. */
async function baseImage(): Promise<void> {
  if ((await run(process.execPath, ['--', command, 'inspect', 'debian'], { quiet: true })) === 0)
    return console.log('\n# debian is here already')
  if (await isReachable('https://registry-1.docker.io/v2/')) return await step('pull the base image', ['pull', 'debian'])
  console.log('\nDocker Hub cannot be reached from here: making the base image from the Debian archive instead.')
  if (!isThere('mmdebstrap')) {
    console.log('\n# install mmdebstrap')
    apt(['update'])
    apt(['install', '-y', '--no-install-recommends', 'mmdebstrap'])
  }
  await importDebian()
}

/** Any answer will do: the Hub asks strangers for a token. */
async function isReachable(url: string): Promise<boolean> {
  return await fetch(url, { signal: AbortSignal.timeout(10_000) }).then(
    () => true,
    () => false,
  )
}

async function importDebian(): Promise<void> {
  const suite = 'bookworm'
  console.log(`\n# mmdebstrap --variant=minbase ${suite} | gocker import - debian`)
  const make = spawn('mmdebstrap', ['--quiet', '--variant=minbase', suite, '-'], { stdio: ['ignore', 'pipe', 'inherit'] })
  const words = ['import', '--change', 'CMD ["bash"]', '-', 'debian']
  const read = spawn(process.execPath, ['--', command, ...words], { stdio: [make.stdout, 'inherit', 'inherit'] })
  const codes = await Promise.all([once(make, 'exit'), once(read, 'exit')])
  if (codes.some(([code]) => code !== 0)) fail('the base image could not be made')
}

async function step(title: string, words: readonly string[]): Promise<void> {
  console.log(`\n# ${title}: gocker ${words.join(' ')}`)
  if ((await run(process.execPath, ['--', command, ...words])) !== 0) fail(`${title}: failed`)
}

async function run(program: string, words: readonly string[], { quiet = false } = {}): Promise<number> {
  const child = spawn(program, words, { stdio: quiet ? 'ignore' : 'inherit' })
  const [code] = (await once(child, 'exit')) as [number | null]
  return code ?? 1
}

function fail(why: string): never {
  console.error(why)
  process.exit(1)
}
