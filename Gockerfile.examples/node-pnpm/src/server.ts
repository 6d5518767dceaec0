import { createServer } from 'node:http'
import escape from 'escape-html'

const port = Number(process.env.PORT ?? 3000)

const server = createServer((request, response) => {
  const url = new URL(request.url ?? '/', 'http://localhost')
  if (url.pathname === '/health') return response.end('ok\n')
  const name = url.searchParams.get('name') ?? 'world'
  response.setHeader('content-type', 'text/html; charset=utf-8')
  response.end(`<p>Hello ${escape(name)}</p>\n`)
})

server.listen(port, () => console.log(`listening on ${port}`))
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => server.close())
