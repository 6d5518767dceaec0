export { type Authority, type Certificate, makeAuthority, makeSigningCertificate } from './certificate.ts'
export type { RegistryAuth } from './registry/config.ts'
export { type Registry, type RegistryOptions, startRegistry } from './registry/registry.ts'
export { type Cleanup, makeTemporaryDirectory, removeTree, temporaryDirectory } from './temporary-directory.ts'
