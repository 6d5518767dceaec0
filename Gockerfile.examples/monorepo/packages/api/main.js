import { createServer } from 'node:http'
import { price } from '#shared/price'

const port = Number(process.env.PORT ?? 3000)

const server = createServer((request, response) => {
  const cents = Number(new URL(request.url ?? '/', 'http://localhost').searchParams.get('cents'))
  if (!Number.isInteger(cents)) response.statusCode = 400
  response.end(response.statusCode === 400 ? 'cents is a whole number\n' : `${price(cents)}\n`)
})

server.listen(port)
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => server.close())
