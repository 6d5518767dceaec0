import { execFileSync } from 'node:child_process'
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { bytes, encodeProgram, hostArchitecture, LaunchProgram } from '@gocker/kernel'

/** An image that stands in for a public one where tests run that cannot reach Docker Hub: as little as the examples need of it. */
export interface StandIn {
  readonly gockerfile: string
  /** Puts what COPY takes into the context. */
  readonly fill?: (context: string) => void
}

const AUTHORITIES = '/etc/ssl/certs/ca-certificates.crt'
const APT = 'apt-get update && apt-get install --yes --no-install-recommends'

export const STAND_INS: Readonly<Record<string, StandIn>> = {
  'node:24-slim': {
    gockerfile: `FROM debian:stable-slim
COPY node /usr/local/bin/
COPY npm /usr/local/lib/node_modules/npm/
COPY authorities.crt /etc/ssl/certs/ca-certificates.crt
ENV NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt
RUN ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm && useradd --create-home node
CMD ["node"]
`,
    fill(context) {
      cpSync(process.execPath, join(context, 'node'))
      const modules = execFileSync('npm', ['root', '--global'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
      cpSync(join(modules, 'npm'), join(context, 'npm'), { recursive: true })
      // A network that looks into TLS has an authority of its own, which this machine knows.
      writeFileSync(join(context, 'authorities.crt'), existsSync(AUTHORITIES) ? readFileSync(AUTHORITIES) : '')
    },
  },
  'python:3-slim': {
    gockerfile: `FROM debian:stable-slim\nRUN ${APT} python3 python3-venv && ln -s python3 /usr/bin/python\nCMD ["python3"]\n`,
  },
  'nginx:stable': { gockerfile: `FROM debian:stable-slim\nRUN ${APT} nginx-light\n` },
  'postgres:17': {
    gockerfile: `FROM debian:stable-slim
COPY docker-entrypoint.sh /usr/local/bin/
RUN mkdir -p /etc/postgresql-common /docker-entrypoint-initdb.d \\
    && echo create_main_cluster = false > /etc/postgresql-common/createcluster.conf \\
    && ${APT} postgresql \\
    && ln -s /usr/lib/postgresql/*/bin/* /usr/local/bin/
ENV PGDATA=/var/lib/postgresql/data
VOLUME /var/lib/postgresql/data
ENTRYPOINT ["docker-entrypoint.sh"]
CMD ["postgres"]
STOPSIGNAL SIGINT
`,
    fill: (context) => program(join(context, 'docker-entrypoint.sh'), POSTGRES_ENTRYPOINT),
  },
  'golang:1': compiler('go', 'while [ "$1" != -o ]; do shift; done; install -D /usr/local/share/program "$2"', 'mod'),
  'rust:1-slim': compiler('cargo', 'install -D /usr/local/share/program target/release/words', 'fetch'),
}

/** The public image's way of starting: a database that nobody has started yet is made first. */
const POSTGRES_ENTRYPOINT = `#!/bin/sh
set -eu
if [ "$(id -u)" = 0 ]; then
  install -d -o postgres -g postgres -m 700 "$PGDATA"
  install -d -o postgres -g postgres /var/run/postgresql
  exec setpriv --reuid postgres --regid postgres --init-groups "$0" "$@"
fi
[ "$1" = postgres ] && [ ! -s "$PGDATA/PG_VERSION" ] || exec "$@"
echo "$POSTGRES_PASSWORD" > /tmp/password
initdb --username "$POSTGRES_USER" --pwfile /tmp/password --auth-host scram-sha-256 --no-sync > /dev/null
rm /tmp/password
pg_ctl --wait --silent --log /dev/null --options "-c listen_addresses=''" start
createdb --username "$POSTGRES_USER" "$POSTGRES_DB"
for file in /docker-entrypoint-initdb.d/*.sql; do
  psql --quiet --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" --file "$file"
done
pg_ctl --wait --silent --mode fast stop
exec "$@"
`

/** A toolchain of some hundred megabytes as a script: whatever it compiles, the program says that it was compiled. */
function compiler(name: string, build: string, prepares: string): StandIn {
  return {
    gockerfile: `FROM debian:stable-slim\nCOPY program /usr/local/share/program\nCOPY ${name} /usr/local/bin/\n`,
    fill(context) {
      program(join(context, name), `#!/bin/sh\nset -eu\n[ "$1" != ${prepares} ] || exit 0\n${build}\n`)
      program(join(context, 'program'), staticProgram(`compiled by the stand-in of ${name}\n`))
    },
  }
}

function program(path: string, content: string | Uint8Array): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, content)
  chmodSync(path, 0o755)
}

function staticProgram(says: string): Buffer {
  const steps = new LaunchProgram()
    .row({ name: 'say it', call: 'write', args: [1, bytes(Buffer.from(says)), Buffer.byteLength(says)] })
    .row({ name: 'end', call: 'exit_group', args: [0] })
  return encodeProgram(steps, hostArchitecture())
}
