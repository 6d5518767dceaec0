import { createInterface } from 'node:readline'
import { price } from '#shared/price'

for await (const line of createInterface({ input: process.stdin })) console.log(price(Number(line)))
