import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { lutimesSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { build } from '@gocker/build'
import { importImage } from '@gocker/pull'
import { openStore, type Store } from '@gocker/store'
import { buildTar, busyboxRootfs, temporaryDirectory } from '@gocker/testkit'

const EPOCH = 1_700_000_000

const GOCKERFILE = `FROM base AS tools
ARG FLAVOUR=plain
ENV HOME=/root
RUN mkdir -p /out/deep && echo $FLAVOUR > /out/deep/made && ln /out/deep/made /out/linked && hostname > /out/host && env | sort > /out/env
RUN --mount=target=/in --mount=type=cache,target=/root/.cache date > /root/.cache/when; cp /in/src/a /out/copied; rm /etc/os-release
RUN touch "$(printf '/out/\\377\\376')"
FROM base
WORKDIR /srv/app
COPY . .
COPY --from=tools /out /out
ADD archive.tar /archive
ADD --chown=alice src/b /home/alice/
COPY <<EOF /heredoc
text
EOF
RUN find /srv /out -type f | xargs cat > /all; mkdir /empty; ln -s /all /link
USER alice
CMD ["cat", "/all"]
`

/** Two stores with the same base. */
async function stores(t: TestContext): Promise<Store[]> {
  const roots = [temporaryDirectory(t), temporaryDirectory(t)]
  const [first = '', second = ''] = roots.map((root) => join(root, 'store'))
  const store = await openStore({ root: first, run: join(roots[0] ?? '', 'run') })
  await importImage({ source: chunks(busyboxRootfs()), store, reference: 'base', changes: ['ENV PATH=/bin'] })
  execFileSync('cp', ['-a', first, second])
  return [store, await openStore({ root: second, run: join(roots[1] ?? '', 'run') })]
}

async function* chunks(bytes: Buffer): AsyncGenerator<Uint8Array> {
  yield bytes
}

/** The same files, made in another order and at another time. */
function contextOf(t: TestContext, time: number, reversed: boolean): string {
  const directory = temporaryDirectory(t)
  const files: [string, string | Buffer][] = [
    ['Gockerfile', GOCKERFILE],
    ['src/a', 'A'],
    ['src/b', 'B'],
    ['archive.tar', buildTar([{ name: 'x', content: 'X', mtime: 1_000_000 }])],
  ]
  mkdirSync(join(directory, 'src'))
  for (const [name, content] of reversed ? files.reverse() : files) writeFileSync(join(directory, name), content)
  symlinkSync('src/a', join(directory, 'link'))
  for (const name of readdirSync(directory, { recursive: true }) as string[]) lutimesSync(join(directory, name), time, time)
  return directory
}

test('the same files at other times, in other places and stores, are the same image', async (t) => {
  const [here, there] = (await stores(t)) as [Store, Store]
  const first = await build({ store: here, network: 'none', context: contextOf(t, 1_000_000_000, false), sourceDateEpoch: EPOCH })
  const second = await build({ store: there, network: 'none', context: contextOf(t, Date.now() / 1000, true), sourceDateEpoch: EPOCH })
  assert.deepEqual(second.manifest, first.manifest)
  assert.equal(second.id, first.id)
  assert.equal(first.created, '2023-11-14T22:13:20.000Z')
})

test('nothing of the machine is in what RUN sees and leaves', async (t) => {
  const [store] = (await stores(t)) as [Store]
  const printed: string[] = []
  const context = temporaryDirectory(t)
  writeFileSync(join(context, 'Gockerfile'), 'FROM base\nRUN hostname; env | sort\n')
  await build({
    store,
    network: 'none',
    context,
    onEvent: (event) => void (event.type === 'step-output' && printed.push(Buffer.from(event.chunk).toString())),
  })
  assert.equal(printed.join(''), 'build\nHOME=/root\nHOSTNAME=build\nPATH=/bin\nPWD=/\nSHLVL=1\n')
})
