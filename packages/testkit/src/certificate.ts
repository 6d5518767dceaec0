import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Certificate {
  /** PEM. */
  readonly certificateFile: string
  /** PEM, PKCS #8, not encrypted. */
  readonly keyFile: string
  /** What is in `certificateFile`. */
  readonly certificate: string
  readonly key: string
}

export interface Authority extends Certificate {
  /** A certificate for a server at 127.0.0.1, ::1 and localhost, signed by the authority. */
  issue(name: string): Certificate
}

/** Makes a certificate authority whose files, and those of what it issues, lie in `directory`. */
export function makeAuthority(directory: string): Authority {
  const authority = request(directory, { name: 'authority', newKey: ELLIPTIC })
  const issue = (name: string) =>
    request(directory, {
      name,
      newKey: ELLIPTIC,
      more: [
        ...['-CA', authority.certificateFile, '-CAkey', authority.keyFile],
        ...['-addext', 'subjectAltName=IP:127.0.0.1,IP:127.0.0.2,IP:::1,DNS:localhost'],
        ...['-addext', 'basicConstraints=critical,CA:FALSE'],
      ],
    })
  return { ...authority, issue }
}

/** A self-signed certificate of an RSA key, as a token server needs. */
export function makeSigningCertificate(directory: string): Certificate {
  return request(directory, { name: 'signing', newKey: ['-newkey', 'rsa:2048'] })
}

const ELLIPTIC = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1']

interface Request {
  readonly name: string
  readonly newKey: readonly string[]
  readonly more?: readonly string[]
}

/** @see https://docs.openssl.org/3.0/man1/openssl-req/ */
function request(directory: string, { name, newKey, more = [] }: Request): Certificate {
  const certificateFile = join(directory, `${name}.pem`)
  const keyFile = join(directory, `${name}.key`)
  const subject = ['-subj', `/CN=gocker tests ${name}`, '-days', '2', '-nodes']
  const args = ['req', '-x509', ...newKey, ...subject, '-keyout', keyFile, '-out', certificateFile, ...more]
  execFileSync('openssl', args, { stdio: ['ignore', 'ignore', 'pipe'] })
  return { certificateFile, keyFile, certificate: readFileSync(certificateFile, 'utf8'), key: readFileSync(keyFile, 'utf8') }
}
