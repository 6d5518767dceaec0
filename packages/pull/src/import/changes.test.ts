import assert from 'node:assert/strict'
import { test } from 'node:test'
import { applyChanges } from './changes.ts'

test('reads every instruction that docker import takes', () => {
  const config = applyChanges([
    'CMD ["sh", "-l"]',
    'entrypoint exec top -b',
    'ENV A=1 B="two words" C=it\\ s',
    'ENV A 3 and more',
    'EXPOSE 80 53/udp',
    'LABEL maker=me "a b"=\'c d\'',
    'USER 1000:1000',
    'VOLUME ["/data", "/x y"]',
    'VOLUME /more',
    'WORKDIR /srv',
    'WORKDIR app',
    'STOPSIGNAL SIGQUIT',
    'ONBUILD RUN make',
  ])
  assert.deepEqual(config, {
    Cmd: ['sh', '-l'],
    Entrypoint: ['/bin/sh', '-c', 'exec top -b'],
    Env: ['A=3 and more', 'B=two words', 'C=it s'],
    ExposedPorts: { '80/tcp': {}, '53/udp': {} },
    Labels: { maker: 'me', 'a b': 'c d' },
    User: '1000:1000',
    Volumes: { '/data': {}, '/x y': {}, '/more': {} },
    WorkingDir: '/srv/app',
    StopSignal: 'SIGQUIT',
    OnBuild: ['RUN make'],
  })
})

test('refuses what is none, and says which', () => {
  for (const change of ['', 'CMD', 'RUN make', 'EXPOSE http', 'EXPOSE 70000', 'ENV =x', 'ENV A', 'LABEL a=b c'])
    assert.throws(() => applyChanges([change]), {
      code: 'INVALID_OPTION',
      message: new RegExp(`^reading change ${JSON.stringify(change)}: `),
    })
})
