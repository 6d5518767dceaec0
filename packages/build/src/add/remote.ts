// What is loaded where something has to be fetched.
export { addGit } from './add-git.ts'
export { addUrl } from './add-url.ts'
