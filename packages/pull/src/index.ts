export { type LoadedImage, type LoadImagesOptions, loadImages } from './archive/load-images.ts'
export { type SavedImage, type SaveImagesOptions, saveImages } from './archive/save-images.ts'
export { type SaveIndexOptions, saveIndex } from './archive/save-index.ts'
export {
  type ContainerFilesOptions,
  type CopiedFiles,
  type CopyFromOptions,
  type CopyOptions,
  type CopyToOptions,
  copyFromContainer,
  copyToContainer,
  exportContainer,
} from './containers/copy.ts'
export { type CopyImageOptions, copyImage } from './copy/copy-image.ts'
export { type Place, parsePlace } from './copy/place.ts'
export type { Credentials, FindCredentials } from './credentials/credentials.ts'
export { credentialsFromFiles } from './credentials/find-credentials.ts'
export { PullError, type PullErrorCode, type PullErrorOptions } from './error.ts'
export type { PullEvent, PullListener } from './events.ts'
export { type ExportRootfsOptions, exportRootfs } from './export-rootfs.ts'
export { type HistoryLine, imageHistory } from './image-tree/image-history.ts'
export { type ImageTree, imageTree, type LayerOfTree } from './image-tree/image-tree.ts'
export type { FileChange, WastedFile } from './image-tree/merged-tree.ts'
export { type ImportImageOptions, importImage } from './import-image.ts'
export type { RingMemory } from './layers/ring.ts'
export { runLayerWriter } from './layers/run-layer-writer.ts'
export { LAYER_THREAD_ROLE, type LayerTaskResult } from './layers/thread-task.ts'
export { type UnpackedLayer, type UnpackLayerOptions, unpackLayer } from './layers/unpack-layer.ts'
export { type Login, type LoginOptions, login } from './login/login.ts'
export { type Logout, type LogoutOptions, logout } from './login/logout.ts'
export { registryName } from './login/registry-name.ts'
export type { ArchiveSink } from './pack/pack-in-thread.ts'
export { type PackedLayer, type PackLayerOptions, packLayer } from './pack/pack-layer.ts'
export { type PackRootOptions, packRoot, type ReceiveArchiveOptions, receiveArchive } from './pack/pack-root.ts'
export type { PulledLayer } from './pull/pulled-layer.ts'
export { type UnpackStoredLayerOptions, unpackStoredLayer } from './pull/unpack-stored-layer.ts'
export { type PullOptions, pull } from './pull.ts'
export { type LayerCompression, parseCompression } from './push/compression.ts'
export type { PushEvent, PushListener } from './push/events.ts'
export { type PushArtifactOptions, pushArtifact } from './push/push-artifact.ts'
export { type PushOptions, pushImage } from './push/push-image.ts'
export { type PushIndexOptions, pushIndex } from './push/push-index.ts'
export type { BlobBody } from './registry/blob.ts'
export type { FetchedManifest } from './registry/manifest.ts'
export { type BlobOptions, type Registry, type RegistryOptions, registryFor } from './registry/registry.ts'
export { type DownloadOptions, downloadBlob } from './transfer/download.ts'
export { type DownloadedFile, type DownloadFileOptions, downloadFile } from './transfer/download-file.ts'
export type { RetryPolicy } from './transfer/retries.ts'
