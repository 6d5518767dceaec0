export { KernelError } from './error.ts'
