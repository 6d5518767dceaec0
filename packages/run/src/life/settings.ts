import type { ContainerRecord, Store } from '@gocker/store'
import type { ContainerOptions } from '../options/container-options.ts'

/** What a container was asked to be, as its record keeps it: all but the store, the image and what is secret. */
export type ContainerSettings = Omit<ContainerOptions, 'store' | 'image' | 'rootfs' | 'secretEnv'>

/** JSON. */
export function settingsOf(options: ContainerOptions): ContainerSettings {
  const { store: _store, image: _image, rootfs: _rootfs, secretEnv: _secretEnv, ...settings } = options
  return settings
}

/** What {@link settingsOf} gave when the container was made, changed by updates since. */
export function readSettings({ options }: Pick<ContainerRecord, 'options'>): ContainerSettings {
  return options as ContainerSettings
}

/** The settings as options for everything that a new start makes anew. */
export function optionsOf(store: Store, record: ContainerRecord): ContainerOptions {
  return { ...readSettings(record), store, name: record.name, remove: record.remove, labels: record.labels }
}
